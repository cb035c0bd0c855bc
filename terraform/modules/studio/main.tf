# A Studio domain inside the network, with a profile for each person. What a person may do is the role of the profile, not the
# domain's. Apps stop when nobody uses them.

locals {
  apps   = ["Canvas", "CodeEditor", "JupyterLab", "JupyterServer", "KernelGateway", "RStudioServerPro"]
  hidden = sort(setsubtract(local.apps, var.apps))

  profiles = merge(
    { for user in var.users.data_scientists : "ds-${user}" => { persona = "data-scientist", role = var.role_arns.data_scientist } },
    { for user in var.users.leads : "lead-ds-${user}" => { persona = "lead", role = var.role_arns.lead } },
  )

  jupyter = contains(var.apps, "JupyterLab") ? [var.idle_minutes] : []
  editor  = contains(var.apps, "CodeEditor") ? [var.idle_minutes] : []
}

resource "aws_sagemaker_studio_lifecycle_config" "this" {
  for_each = var.start_scripts

  studio_lifecycle_config_name     = "${var.name}-${lower(each.key)}"
  studio_lifecycle_config_app_type = each.key
  studio_lifecycle_config_content  = base64encode(each.value)
  tags                             = var.tags
}

resource "aws_sagemaker_domain" "this" {
  domain_name             = var.name
  auth_mode               = "IAM"
  app_network_access_type = "VpcOnly"
  vpc_id                  = var.network.vpc_id
  subnet_ids              = var.network.subnet_ids
  kms_key_id              = var.kms_key_arn
  tag_propagation         = "ENABLED"
  tags                    = var.tags

  default_user_settings {
    execution_role    = var.role_arns.studio
    security_groups   = var.network.security_group_ids
    studio_web_portal = "ENABLED"

    default_landing_uri = "studio::"

    sharing_settings {
      notebook_output_option = "Disabled"
    }

    studio_web_portal_settings {
      hidden_app_types = local.hidden
    }

    space_storage_settings {
      default_ebs_storage_settings {
        default_ebs_volume_size_in_gb = var.space_gb.default
        maximum_ebs_volume_size_in_gb = var.space_gb.maximum
      }
    }

    dynamic "jupyter_lab_app_settings" {
      for_each = local.jupyter

      content {
        lifecycle_config_arns = [for app, script in aws_sagemaker_studio_lifecycle_config.this : script.arn if app == "JupyterLab"]

        app_lifecycle_management {
          idle_settings {
            lifecycle_management        = "ENABLED"
            idle_timeout_in_minutes     = jupyter_lab_app_settings.value
            min_idle_timeout_in_minutes = 60
            max_idle_timeout_in_minutes = jupyter_lab_app_settings.value
          }
        }
      }
    }

    dynamic "code_editor_app_settings" {
      for_each = local.editor

      content {
        lifecycle_config_arns = [for app, script in aws_sagemaker_studio_lifecycle_config.this : script.arn if app == "CodeEditor"]

        app_lifecycle_management {
          idle_settings {
            lifecycle_management        = "ENABLED"
            idle_timeout_in_minutes     = code_editor_app_settings.value
            min_idle_timeout_in_minutes = 60
            max_idle_timeout_in_minutes = code_editor_app_settings.value
          }
        }
      }
    }
  }

  # Spaces that several people share act by the domain's role, which approves nothing and starts nothing.
  default_space_settings {
    execution_role  = var.role_arns.studio
    security_groups = var.network.security_group_ids

    space_storage_settings {
      default_ebs_storage_settings {
        default_ebs_volume_size_in_gb = var.space_gb.default
        maximum_ebs_volume_size_in_gb = var.space_gb.maximum
      }
    }

    dynamic "jupyter_lab_app_settings" {
      for_each = local.jupyter

      content {
        app_lifecycle_management {
          idle_settings {
            lifecycle_management        = "ENABLED"
            idle_timeout_in_minutes     = jupyter_lab_app_settings.value
            min_idle_timeout_in_minutes = 60
            max_idle_timeout_in_minutes = jupyter_lab_app_settings.value
          }
        }
      }
    }
  }

  domain_settings {
    # What CloudTrail records of a session names the person.
    execution_role_identity_config = "USER_PROFILE_NAME"
    security_group_ids             = var.network.security_group_ids
  }

  retention_policy {
    home_efs_file_system = var.keep_files ? "Retain" : "Delete"
  }
}

resource "aws_sagemaker_user_profile" "this" {
  for_each = local.profiles

  domain_id         = aws_sagemaker_domain.this.id
  user_profile_name = each.key
  tags              = merge(var.tags, { persona = each.value.persona })

  user_settings {
    execution_role  = each.value.role
    security_groups = var.network.security_group_ids
  }
}
