"""A stand-in for Facebook: one city's Page, its Graph API and its webhooks."""
