"""An account on Flickr, as far as the connector asks for it."""
