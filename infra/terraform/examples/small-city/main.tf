# One city: an archive with its copy, Airflow with one worker, intake of webhooks, queries, alarms.
# Every resource names its region; the provider is configured by whoever runs this.

locals {
  # archiver.toml: what modules decide, under the names that archiver/settings.py has. No secrets.
  decided = merge(module.storage.settings, module.roles.settings, module.webhook.settings)
  texts   = { for name, value in local.decided : name => value if name != "replica" }
  settings = join("\n", concat(
    [for name, value in local.texts : "${name} = ${jsonencode(value)}"],
    ["", "[[replica]]"],
    [for name, value in local.decided.replica : "${name} = ${jsonencode(value)}"],
    [""],
  ))
}

module "keys" {
  source         = "../../modules/keys"
  name           = var.name
  account_id     = var.account_id
  partition      = var.partition
  region         = var.region
  replica_region = var.replica_region
  administrators = var.administrators
}

module "storage" {
  source         = "../../modules/storage"
  name           = var.name
  account_id     = var.account_id
  partition      = var.partition
  region         = var.region
  replica_region = var.replica_region
  keys           = module.keys.arns
  locks          = var.locks
  administrators = var.administrators
}

module "queue" {
  source  = "../../modules/queue"
  name    = var.name
  region  = var.region
  key_arn = module.keys.arns.service
}

module "roles" {
  source         = "../../modules/roles"
  name           = var.name
  account_id     = var.account_id
  partition      = var.partition
  region         = var.region
  replica_region = var.replica_region
  archive_id     = var.archive_id
  buckets        = module.storage.buckets
  prefix         = module.storage.prefix
  keys           = module.keys.arns
  doorbell_arn   = module.queue.queues.doorbell.arn
  readers        = var.readers
  auditors       = var.auditors
}

module "orchestration" {
  source       = "../../modules/orchestration"
  name         = var.name
  account_id   = var.account_id
  partition    = var.partition
  region       = var.region
  zones        = var.zones
  key_arn      = module.keys.arns.service
  roles        = module.roles.arns
  celery_queue = module.queue.queues.celery
  image        = var.image
  settings     = local.settings
  workers      = var.workers
  database     = var.database
  forwarder = {
    source       = module.webhook.forwarder
    bucket       = module.storage.buckets.incoming
    doorbell_url = module.queue.queues.doorbell.url
  }
}

module "webhook" {
  source          = "../../modules/webhook"
  name            = var.name
  region          = var.region
  role            = { arn = module.roles.arns.capture, name = "${var.name}-capture" }
  key_arn         = module.keys.arns.service
  bucket          = module.storage.buckets.incoming
  doorbell_url    = module.queue.queues.doorbell.url
  package         = var.package
  host            = var.host
  certificate_arn = var.certificate_arn
  receiver_url    = module.orchestration.receiver_url
  network         = module.orchestration.network
}

module "query" {
  source         = "../../modules/query"
  name           = var.name
  account_id     = var.account_id
  partition      = var.partition
  region         = var.region
  key_arn        = module.keys.arns.storage
  logs_bucket    = module.storage.buckets.logs
  administrators = var.administrators
}

module "monitoring" {
  source     = "../../modules/monitoring"
  name       = var.name
  account_id = var.account_id
  partition  = var.partition
  region     = var.region
  key_arn    = module.keys.arns.service
  recipients = var.recipients
  log_groups = module.orchestration.log_groups
  queues     = module.queue.queues
  buckets    = module.storage.buckets
  function   = module.webhook.function
  database   = module.orchestration.database
  budget     = var.budget
}
