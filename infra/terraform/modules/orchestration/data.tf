# What lasts: Airflow's database, the archive's home (EFS), secrets, logs.

resource "aws_db_subnet_group" "this" {
  region     = var.region
  name       = var.name
  subnet_ids = [for one in aws_subnet.private : one.id]
}

resource "aws_db_parameter_group" "this" {
  region = var.region
  name   = "${var.name}-airflow"
  family = "postgres17"
  parameter {
    name  = "rds.force_ssl"
    value = "1"
  }
  parameter {
    name  = "log_statement"
    value = "ddl"
  }
  parameter {
    name  = "log_min_duration_statement"
    value = "1000"
  }
}

# Its password is made and kept by RDS in Secrets Manager: no state, variable or plan has it.
resource "aws_db_instance" "airflow" {
  # checkov:skip=CKV_AWS_157:A small city may do without a second one: the ledger is the record, the database may be lost
  region                                = var.region
  identifier                            = "${var.name}-airflow"
  engine                                = "postgres"
  engine_version                        = "17"
  instance_class                        = var.database.class
  allocated_storage                     = var.database.gib
  max_allocated_storage                 = 4 * var.database.gib
  multi_az                              = var.database.multi_az
  db_name                               = "airflow"
  username                              = "airflow"
  manage_master_user_password           = true
  master_user_secret_kms_key_id         = var.key_arn
  iam_database_authentication_enabled   = true
  storage_encrypted                     = true
  kms_key_id                            = var.key_arn
  db_subnet_group_name                  = aws_db_subnet_group.this.name
  parameter_group_name                  = aws_db_parameter_group.this.name
  vpc_security_group_ids                = [aws_security_group.this["database"].id]
  publicly_accessible                   = false
  backup_retention_period               = 14
  copy_tags_to_snapshot                 = true
  deletion_protection                   = true
  skip_final_snapshot                   = false
  final_snapshot_identifier             = "${var.name}-airflow-last"
  auto_minor_version_upgrade            = true
  enabled_cloudwatch_logs_exports       = ["postgresql", "upgrade"]
  monitoring_interval                   = 60
  monitoring_role_arn                   = aws_iam_role.this["database"].arn
  performance_insights_enabled          = true
  performance_insights_kms_key_id       = var.key_arn
  performance_insights_retention_period = 7
}

resource "aws_efs_file_system" "home" {
  region           = var.region
  creation_token   = "${var.name}-home"
  encrypted        = true
  kms_key_id       = var.key_arn
  throughput_mode  = "elastic"
  performance_mode = "generalPurpose"
  tags             = { Name = "${var.name}-home" }

  lifecycle {
    prevent_destroy = true
  }
}

resource "aws_efs_backup_policy" "home" {
  region         = var.region
  file_system_id = aws_efs_file_system.home.id
  backup_policy {
    status = "ENABLED"
  }
}

resource "aws_efs_file_system_policy" "home" {
  region         = var.region
  file_system_id = aws_efs_file_system.home.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid       = "TlsOnly"
        Effect    = "Deny"
        Principal = { AWS = "*" }
        Action    = "*"
        Resource  = aws_efs_file_system.home.arn
        Condition = { Bool = { "aws:SecureTransport" = "false" } }
      },
      {
        Sid       = "RolesOfTasks"
        Effect    = "Allow"
        Principal = { AWS = values(var.roles) }
        Action    = ["elasticfilesystem:ClientMount", "elasticfilesystem:ClientWrite"]
        Resource  = aws_efs_file_system.home.arn
        Condition = { Bool = { "elasticfilesystem:AccessedViaMountTarget" = "true" } }
      },
    ]
  })
}

resource "aws_efs_mount_target" "home" {
  for_each        = local.private
  region          = var.region
  file_system_id  = aws_efs_file_system.home.id
  subnet_id       = aws_subnet.private[each.key].id
  security_groups = [aws_security_group.this["files"].id]
}

resource "aws_efs_access_point" "home" {
  region         = var.region
  file_system_id = aws_efs_file_system.home.id
  posix_user {
    uid = 50000 # of Airflow's own images
    gid = 0
  }
  root_directory {
    path = "/home"
    creation_info {
      owner_uid   = 50000
      owner_gid   = 0
      permissions = "0700"
    }
  }
}

# Made empty: people put in the values (docs/deploy-aws.md), so Terraform never has them.
resource "aws_secretsmanager_secret" "this" {
  # checkov:skip=CKV2_AWS_57:Fernet keys are rotated by hand, with both in force (Airflow, "Rotating Fernet keys"); the others by a new value and a restart
  for_each                = { fernet = "Airflow's Fernet key", jwt = "signs Airflow's tokens", api = "signs Airflow's sessions" }
  region                  = var.region
  name                    = "${var.name}/airflow/${each.key}"
  description             = each.value
  kms_key_id              = var.key_arn
  recovery_window_in_days = 30
}

resource "aws_cloudwatch_log_group" "this" {
  for_each          = toset(["airflow", "receiver", "jobs", "network"])
  region            = var.region
  name              = "/civic-archiver/${var.name}/${each.key}"
  retention_in_days = 400
  kms_key_id        = var.key_arn
}
