"""Drafts a contract from an OpenAPI document or from curl commands."""
