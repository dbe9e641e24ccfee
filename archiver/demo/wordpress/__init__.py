"""A stand-in for a WordPress site: `archiver.demo.wordpress.api.WordPress`."""
