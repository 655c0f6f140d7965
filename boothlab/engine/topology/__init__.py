"""The topology: its model, its files, and what is wrong with them."""
