SELECT c.id, c.additional_data, c.campaign_id, c.campaign_name, c.channel, c.clicks, c.conversions, c.created_at, c.date, c.delete_reason, c.deleted_at, c.deleted_by, c.funnel_stage, c.cpa, c.cpc, c.ctr, c.roas, c.impressions, c.natural_key, c.platform, c.revenue, c.revision, c.spend, c.tenant, c.updated_at
FROM campaigns AS c
WHERE c.tenant = 'default' AND c.deleted_at IS NULL AND c.id = '{id}'
LIMIT 1;
