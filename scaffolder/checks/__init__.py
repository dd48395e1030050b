"""The check engine: which safeguards a SAM or CloudFormation project has, and where.

It reads templates with the position of every key, sees them as SAM and CloudFormation would
(Globals merged, intrinsics resolved), and evaluates the catalog's checks on them. What cannot be
known is `unknown`, and unknown is never a pass. Nothing here imports pydantic or the catalog's
model: a check is the plain dict that stands in `catalog.json`.
"""
