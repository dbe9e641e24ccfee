"""A stand-in for YouTube: a channel with its videos, comments, chats and subscribers."""
