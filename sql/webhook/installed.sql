-- Is the view there that hides the shape, and with it our columns of the webhooks?
SELECT to_regclass('wavegate.webhooks') IS NOT NULL
