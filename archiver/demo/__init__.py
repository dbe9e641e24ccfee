"""The bundled demo city and its local stand-ins."""
