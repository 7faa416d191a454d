"""The rules of a round, prepared for many pairs at once; docs/rules.md says what each means."""
