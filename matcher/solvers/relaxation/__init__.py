"""The engine for everything that does not nest: a linear relaxation for the bound, neighbourhoods for the matching, cases for the rest."""
