output "workgroup" {
  description = "Name of the workgroup."
  value       = aws_athena_workgroup.this.name
}

output "database" {
  description = "Name of the database in the Glue catalog."
  value       = aws_glue_catalog_database.this.name
}

output "tables" {
  description = "Streams that have a table, each with its columns' names in order."
  value       = { for stream, table in aws_glue_catalog_table.stream : stream => table.storage_descriptor[0].columns[*].name }
}

output "bucket" {
  description = "Bucket of tables and results."
  value       = module.bucket.name
}
