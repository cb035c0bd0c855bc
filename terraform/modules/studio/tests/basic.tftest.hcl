mock_provider "aws" {}

variables {
  name        = "retail-dev-studio"
  kms_key_arn = "arn:aws:kms:eu-west-1:111111111111:key/0000"
  network     = { vpc_id = "vpc-1", subnet_ids = ["subnet-1"], security_group_ids = ["sg-1"] }
  role_arns = {
    studio         = "arn:aws:iam::111111111111:role/studio"
    data_scientist = "arn:aws:iam::111111111111:role/data-scientist"
    lead           = "arn:aws:iam::111111111111:role/lead"
  }
  users = { data_scientists = ["one"], leads = ["two"] }
}

run "people_get_the_role_of_their_list" {
  command = plan

  assert {
    condition = { for name, profile in aws_sagemaker_user_profile.this : name => profile.user_settings[0].execution_role } == {
      "ds-one"      = var.role_arns.data_scientist
      "lead-ds-two" = var.role_arns.lead
    }
    error_message = "A profile acts by its persona's role."
  }
}

run "the_domain_stays_in_the_network" {
  command = plan

  assert {
    condition     = aws_sagemaker_domain.this.app_network_access_type == "VpcOnly" && aws_sagemaker_domain.this.auth_mode == "IAM"
    error_message = "Nothing goes round the network."
  }
  assert {
    condition     = aws_sagemaker_domain.this.kms_key_id == var.kms_key_arn
    error_message = "Files are encrypted by the key that is given."
  }
  assert {
    condition     = aws_sagemaker_domain.this.retention_policy[0].home_efs_file_system == "Retain"
    error_message = "Files outlive the domain unless told otherwise."
  }
  assert {
    condition     = aws_sagemaker_domain.this.default_user_settings[0].jupyter_lab_app_settings[0].app_lifecycle_management[0].idle_settings[0].lifecycle_management == "ENABLED"
    error_message = "Idle apps stop."
  }
}

run "apps_that_are_not_named_are_hidden" {
  command = plan
  variables {
    apps = ["CodeEditor"]
  }

  assert {
    condition     = contains(aws_sagemaker_domain.this.default_user_settings[0].studio_web_portal_settings[0].hidden_app_types, "JupyterLab")
    error_message = "JupyterLab was not asked for."
  }
  assert {
    condition     = length(aws_sagemaker_domain.this.default_user_settings[0].jupyter_lab_app_settings) == 0
    error_message = "What is hidden needs no settings."
  }
}

run "nobody_is_both" {
  command = plan
  variables {
    users = { data_scientists = ["one"], leads = ["one"] }
  }
  expect_failures = [var.users]
}

run "personas_have_roles_of_their_own" {
  command = plan
  variables {
    role_arns = {
      studio         = "arn:aws:iam::111111111111:role/studio"
      data_scientist = "arn:aws:iam::111111111111:role/lead"
      lead           = "arn:aws:iam::111111111111:role/lead"
    }
  }
  expect_failures = [var.role_arns]
}

run "idle_time_has_a_least" {
  command = plan
  variables {
    idle_minutes = 5
  }
  expect_failures = [var.idle_minutes]
}

run "apps_are_studios" {
  command = plan
  variables {
    apps = ["Emacs"]
  }
  expect_failures = [var.apps]
}

run "disks_grow_upwards" {
  command = plan
  variables {
    space_gb = { default = 50, maximum = 10 }
  }
  expect_failures = [var.space_gb]
}

run "scripts_are_for_apps_that_run_them" {
  command = plan
  variables {
    start_scripts = { Canvas = "true" }
  }
  expect_failures = [var.start_scripts]
}
