"""A real S3 service: Ceph's object gateway."""
