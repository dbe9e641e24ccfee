"""Productions: load files and conversations in the forms that review platforms read. Pure."""
