"""What Meta's platforms share: the Graph API's requests, pages, errors, limits and webhooks.

A vocabulary for connectors, and none itself (ADR 0083).
"""
