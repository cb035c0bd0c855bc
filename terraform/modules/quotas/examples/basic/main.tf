module "quotas" {
  source = "../.."

  quotas = {
    training = { code = "L-1194F2B9", value = 4 }
  }
}
