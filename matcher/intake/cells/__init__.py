"""How the cells of one kind are read: numbers, dates, words, token lists."""
