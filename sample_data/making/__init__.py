"""What `make.py` makes the sample data from: facts in the open, and invented people, companies and places."""
