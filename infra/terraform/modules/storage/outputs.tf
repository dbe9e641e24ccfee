output "buckets" {
  description = "Names of the buckets: archive, replica, ledger, incoming, keystore, logs."
  value = {
    archive  = module.archive.name
    replica  = module.replica.name
    ledger   = module.ledger.name
    incoming = module.incoming.name
    keystore = module.keystore.name
    logs     = module.logs.name
  }
}

output "prefix" {
  description = "What all keys of the archive begin with."
  value       = var.prefix
}

output "policies" {
  description = "Bucket policies (JSON) by bucket."
  value = {
    archive  = module.archive.policy
    replica  = module.replica.policy
    ledger   = module.ledger.policy
    incoming = module.incoming.policy
    keystore = module.keystore.policy
    logs     = module.logs.policy
  }
}

output "settings" {
  description = "Settings of archiver.toml that the buckets decide."
  value = {
    archive   = "s3://${module.archive.name}/${var.prefix}"
    keystore  = "s3://${module.keystore.name}"
    s3_region = var.region
    locks     = var.locks
    kms       = "aws"
    replica = {
      name      = "copy"
      archive   = "s3://${module.replica.name}/${var.prefix}"
      place     = "AWS ${var.replica_region}"
      s3_region = var.replica_region
    }
  }
}
