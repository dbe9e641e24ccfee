output "settings" {
  description = "archiver.toml of this city; ARCHIVER_CONFIG names the file it is put in."
  value       = local.settings
}

output "policies" {
  description = "Policies of roles and buckets, and who may take each role (JSON)."
  value       = { roles = module.roles.policies, buckets = module.storage.policies, trust = module.roles.trust }
}

output "roles" {
  description = "ARNs of the roles."
  value       = module.roles.arns
}

output "secrets" {
  description = "Secrets to fill by hand."
  value       = module.orchestration.secrets
}

output "dns_target" {
  description = "What the intake's name must lead to."
  value       = module.webhook.dns_target
}

output "alarms" {
  description = "What each alarm means."
  value       = module.monitoring.alarms
}
