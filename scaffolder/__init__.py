"""Anshin: a catalog of AWS serverless safeguards, and the tools that build them into projects."""

__version__ = "0.1.0"
