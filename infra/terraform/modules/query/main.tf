# Athena over Iceberg tables of the archive's rows. columns.json is made from archiver/columns.py
# (tests/infra/columns.py), so tables have the columns that Parquet files have.

locals {
  columns = jsondecode(file("${path.module}/columns.json"))
  bucket  = "${var.name}-${var.account_id}-query"
}

# Tables and results are a cache: made again from the archive, never the record.
module "bucket" {
  source         = "../storage/bucket"
  name           = local.bucket
  region         = var.region
  partition      = var.partition
  key_arn        = var.key_arn
  versioned      = false
  logs_bucket    = var.logs_bucket
  administrators = var.administrators
  expire         = { "results/" = var.result_days }
}

resource "aws_glue_catalog_database" "this" {
  region      = var.region
  name        = replace(var.name, "-", "_")
  description = "Rows of the archive of ${var.name}, one table for each stream"
}

resource "aws_glue_catalog_table" "stream" {
  for_each      = var.streams
  region        = var.region
  database_name = aws_glue_catalog_database.this.name
  name          = each.key
  table_type    = "EXTERNAL_TABLE"

  open_table_format_input {
    iceberg_input {
      metadata_operation = "CREATE"
      version            = "2"
    }
  }

  storage_descriptor {
    location = "s3://${module.bucket.name}/tables/${each.key}/"
    dynamic "columns" {
      for_each = local.columns[each.key]
      content {
        name    = columns.value.name
        type    = columns.value.type
        comment = columns.value.comment
      }
    }
  }

  lifecycle {
    ignore_changes = [parameters] # Iceberg writes there which snapshot is the last
  }
}

resource "aws_athena_workgroup" "this" {
  region      = var.region
  name        = var.name
  description = "Queries over the archive of ${var.name}"
  configuration {
    enforce_workgroup_configuration    = true
    publish_cloudwatch_metrics_enabled = true
    bytes_scanned_cutoff_per_query     = var.most_bytes
    engine_version {
      selected_engine_version = "Athena engine version 3"
    }
    result_configuration {
      output_location       = "s3://${module.bucket.name}/results/"
      expected_bucket_owner = var.account_id
      encryption_configuration {
        encryption_option = "SSE_KMS"
        kms_key_arn       = var.key_arn
      }
    }
  }
}
