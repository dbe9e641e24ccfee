output "network" {
  description = "Subnets, and the security group of the function that stores deliveries."
  value       = { subnets = [for one in aws_subnet.private : one.id], security_group = aws_security_group.this["intake"].id }
}

output "receiver_url" {
  description = "Address of the receiver in the network."
  value       = "http://receiver.${local.domain}:8095"
}

output "log_groups" {
  description = "Log groups: airflow, receiver, jobs, network."
  value       = { for what, group in aws_cloudwatch_log_group.this : what => group.name }
}

output "cluster" {
  description = "Name of the cluster."
  value       = aws_ecs_cluster.this.name
}

output "database" {
  description = "Identifier of the database."
  value       = aws_db_instance.airflow.identifier
}

output "secrets" {
  description = "Secrets to fill by hand, by what they are for."
  value       = { for what, secret in aws_secretsmanager_secret.this : what => secret.name }
}

output "home" {
  description = "Where the home is in each container; ARCHIVER_HOME."
  value       = local.home
}
