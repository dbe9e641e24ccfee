output "arns" {
  description = "ARNs of the roles: capture, settle, seal, read, worker, receiver, hold, executor, purge, audit."
  value       = { for role, made in aws_iam_role.this : role => made.arn }
}

output "policies" {
  description = "What each role may do (JSON)."
  value       = { for role, made in aws_iam_role_policy.this : role => made.policy }
}

output "trust" {
  description = "Who may take each role (JSON)."
  value       = { for role, made in aws_iam_role.this : role => made.assume_role_policy }
}

output "settings" {
  description = "Settings of archiver.toml that the roles decide."
  value       = { s3_purge_role = "${local.iam}:role/${var.name}-purge" }
}
