"""Search: from a person's words to parameterised SQL. Pure."""
