"""Conversations: logs, subtitles, mail, debates."""
