CREATE TABLE IF NOT EXISTS dq.results_checks (
  run_id VARCHAR(64) NOT NULL,
  yyyymm VARCHAR(6) NOT NULL,
  facility_code VARCHAR(9) NOT NULL,
  rule_id VARCHAR(8) NOT NULL,
  severity VARCHAR(8) NOT NULL,
  status VARCHAR(16) NOT NULL,
  failed_rows BIGINT NOT NULL,
  threshold DECIMAL(18,6) NOT NULL,
  sample_keys VARCHAR(2000) NOT NULL,
  message_ja VARCHAR(3000) NOT NULL,
  message_en VARCHAR(3000) NOT NULL,
  waived_by VARCHAR(300),
  waiver_reason VARCHAR(3000),
  checked_at TIMESTAMP NOT NULL
)
SORTKEY (yyyymm, facility_code);
CREATE TABLE IF NOT EXISTS dq.results_rows (
  run_id VARCHAR(64) NOT NULL,
  yyyymm VARCHAR(6) NOT NULL,
  facility_code VARCHAR(9) NOT NULL,
  rule_id VARCHAR(8) NOT NULL,
  row_no INTEGER NOT NULL,
  key VARCHAR(500) NOT NULL,
  file_name VARCHAR(64),
  line_no BIGINT
)
SORTKEY (yyyymm, facility_code);
