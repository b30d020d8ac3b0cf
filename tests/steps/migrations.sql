-- 0001_schemas: every warehouse, one transaction
CREATE SCHEMA IF NOT EXISTS raw;
CREATE SCHEMA IF NOT EXISTS stage;
CREATE SCHEMA IF NOT EXISTS mart;
CREATE SCHEMA IF NOT EXISTS ref;
CREATE SCHEMA IF NOT EXISTS dq;
CREATE SCHEMA IF NOT EXISTS export;

-- 0002_raw_tables: every warehouse, one transaction
CREATE TABLE IF NOT EXISTS raw.ff1 (
  submission_yyyymm VARCHAR(6) NOT NULL,
  submission_facility VARCHAR(9) NOT NULL,
  submission_version INTEGER NOT NULL,
  file_name VARCHAR(64) NOT NULL,
  line_no BIGINT NOT NULL,
  facility_code VARCHAR(27) NOT NULL,
  patient_data_id VARCHAR(30) NOT NULL,
  admission_date VARCHAR(24) NOT NULL,
  same_day_stay_number VARCHAR(3) NOT NULL,
  record_summary_number VARCHAR(3) NOT NULL,
  payload_code VARCHAR(21) NOT NULL,
  payload_version VARCHAR(24) NOT NULL,
  payload_sequence VARCHAR(6) NOT NULL,
  payload_1 VARCHAR(3000) NOT NULL,
  payload_2 VARCHAR(3000) NOT NULL,
  payload_3 VARCHAR(3000) NOT NULL,
  payload_4 VARCHAR(3000) NOT NULL,
  payload_5 VARCHAR(3000) NOT NULL,
  payload_6 VARCHAR(3000) NOT NULL,
  payload_7 VARCHAR(3000) NOT NULL,
  payload_8 VARCHAR(3000) NOT NULL,
  payload_9 VARCHAR(3000) NOT NULL
)
DISTSTYLE KEY DISTKEY (patient_data_id)
COMPOUND SORTKEY (submission_yyyymm, submission_facility, patient_data_id, admission_date);
CREATE TABLE IF NOT EXISTS raw.ff4 (
  submission_yyyymm VARCHAR(6) NOT NULL,
  submission_facility VARCHAR(9) NOT NULL,
  submission_version INTEGER NOT NULL,
  file_name VARCHAR(64) NOT NULL,
  line_no BIGINT NOT NULL,
  facility_code VARCHAR(27) NOT NULL,
  patient_data_id VARCHAR(30) NOT NULL,
  admission_date VARCHAR(24) NOT NULL,
  discharge_date VARCHAR(24) NOT NULL,
  insurance_combination VARCHAR(3) NOT NULL
)
DISTSTYLE KEY DISTKEY (patient_data_id)
COMPOUND SORTKEY (submission_yyyymm, submission_facility, patient_data_id, admission_date);
CREATE TABLE IF NOT EXISTS raw.efn (
  submission_yyyymm VARCHAR(6) NOT NULL,
  submission_facility VARCHAR(9) NOT NULL,
  submission_version INTEGER NOT NULL,
  file_name VARCHAR(64) NOT NULL,
  line_no BIGINT NOT NULL,
  facility_code VARCHAR(27) NOT NULL,
  patient_data_id VARCHAR(30) NOT NULL,
  discharge_date VARCHAR(24) NOT NULL,
  admission_date VARCHAR(24) NOT NULL,
  data_category VARCHAR(6) NOT NULL,
  sequence_number VARCHAR(12) NOT NULL,
  detail_number VARCHAR(9) NOT NULL,
  hospital_fee_master_code VARCHAR(36) NOT NULL,
  receipt_computer_code VARCHAR(27) NOT NULL,
  fee_table_code VARCHAR(24) NOT NULL,
  detail_name VARCHAR(762) NOT NULL,
  quantity VARCHAR(33) NOT NULL,
  unit_code VARCHAR(9) NOT NULL,
  detail_points_or_amount VARCHAR(36) NOT NULL,
  yen_point_flag VARCHAR(3) NOT NULL,
  fee_for_service_points VARCHAR(24) NOT NULL,
  detail_flags VARCHAR(36) NOT NULL,
  act_points VARCHAR(24) NOT NULL,
  act_drug_points VARCHAR(24) NOT NULL,
  act_material_points VARCHAR(24) NOT NULL,
  act_count VARCHAR(9) NOT NULL,
  insurer_number VARCHAR(24) NOT NULL,
  receipt_type_code VARCHAR(12) NOT NULL,
  service_date VARCHAR(24) NOT NULL,
  receipt_department_code VARCHAR(6) NOT NULL,
  department_code VARCHAR(9) NOT NULL,
  doctor_code VARCHAR(30) NOT NULL,
  ward_code VARCHAR(30) NOT NULL,
  ward_type VARCHAR(3) NOT NULL,
  inpatient_outpatient_flag VARCHAR(3) NOT NULL,
  facility_type VARCHAR(9) NOT NULL
)
DISTSTYLE KEY DISTKEY (patient_data_id)
COMPOUND SORTKEY (submission_yyyymm, submission_facility, patient_data_id, admission_date);
CREATE TABLE IF NOT EXISTS raw.efg (
  submission_yyyymm VARCHAR(6) NOT NULL,
  submission_facility VARCHAR(9) NOT NULL,
  submission_version INTEGER NOT NULL,
  file_name VARCHAR(64) NOT NULL,
  line_no BIGINT NOT NULL,
  facility_code VARCHAR(27) NOT NULL,
  patient_data_id VARCHAR(30) NOT NULL,
  birth_date VARCHAR(24) NOT NULL,
  visit_date VARCHAR(24) NOT NULL,
  data_category VARCHAR(6) NOT NULL,
  sequence_number VARCHAR(12) NOT NULL,
  detail_number VARCHAR(9) NOT NULL,
  hospital_fee_master_code VARCHAR(36) NOT NULL,
  receipt_computer_code VARCHAR(27) NOT NULL,
  fee_table_code VARCHAR(24) NOT NULL,
  detail_name VARCHAR(762) NOT NULL,
  quantity VARCHAR(33) NOT NULL,
  unit_code VARCHAR(9) NOT NULL,
  detail_points_or_amount VARCHAR(36) NOT NULL,
  yen_point_flag VARCHAR(3) NOT NULL,
  fee_for_service_points VARCHAR(24) NOT NULL,
  detail_flags VARCHAR(36) NOT NULL,
  act_points VARCHAR(24) NOT NULL,
  act_drug_points VARCHAR(24) NOT NULL,
  act_material_points VARCHAR(24) NOT NULL,
  act_count VARCHAR(9) NOT NULL,
  insurer_number VARCHAR(24) NOT NULL,
  receipt_type_code VARCHAR(12) NOT NULL,
  service_date VARCHAR(24) NOT NULL,
  receipt_department_code VARCHAR(6) NOT NULL,
  department_code VARCHAR(9) NOT NULL,
  doctor_code VARCHAR(30) NOT NULL,
  ward_code VARCHAR(30) NOT NULL,
  ward_type VARCHAR(3) NOT NULL,
  inpatient_outpatient_flag VARCHAR(3) NOT NULL,
  facility_type VARCHAR(9) NOT NULL
)
DISTSTYLE KEY DISTKEY (patient_data_id)
COMPOUND SORTKEY (submission_yyyymm, submission_facility, patient_data_id, visit_date);
CREATE TABLE IF NOT EXISTS raw.dn (
  submission_yyyymm VARCHAR(6) NOT NULL,
  submission_facility VARCHAR(9) NOT NULL,
  submission_version INTEGER NOT NULL,
  file_name VARCHAR(64) NOT NULL,
  line_no BIGINT NOT NULL,
  facility_code VARCHAR(27) NOT NULL,
  patient_data_id VARCHAR(30) NOT NULL,
  discharge_date VARCHAR(24) NOT NULL,
  admission_date VARCHAR(24) NOT NULL,
  data_category VARCHAR(6) NOT NULL,
  sequence_number VARCHAR(12) NOT NULL,
  hospital_fee_master_code VARCHAR(36) NOT NULL,
  receipt_computer_code VARCHAR(27) NOT NULL,
  fee_table_code VARCHAR(24) NOT NULL,
  act_name VARCHAR(762) NOT NULL,
  act_points VARCHAR(24) NOT NULL,
  act_drug_points VARCHAR(24) NOT NULL,
  act_material_points VARCHAR(24) NOT NULL,
  yen_point_flag VARCHAR(3) NOT NULL,
  act_count VARCHAR(9) NOT NULL,
  insurer_number VARCHAR(24) NOT NULL,
  receipt_type_code VARCHAR(12) NOT NULL,
  service_date VARCHAR(24) NOT NULL,
  receipt_department_code VARCHAR(6) NOT NULL,
  department_code VARCHAR(9) NOT NULL,
  doctor_code VARCHAR(30) NOT NULL,
  ward_code VARCHAR(30) NOT NULL,
  ward_type VARCHAR(3) NOT NULL,
  inpatient_outpatient_flag VARCHAR(3) NOT NULL,
  facility_type VARCHAR(9) NOT NULL,
  dpc_period_start VARCHAR(24) NOT NULL,
  dpc_period_end VARCHAR(24) NOT NULL,
  dpc_period_base VARCHAR(24) NOT NULL,
  dpc_code VARCHAR(42) NOT NULL,
  hospital_coefficient VARCHAR(18) NOT NULL
)
DISTSTYLE KEY DISTKEY (patient_data_id)
COMPOUND SORTKEY (submission_yyyymm, submission_facility, patient_data_id, admission_date);
CREATE TABLE IF NOT EXISTS raw.hn (
  submission_yyyymm VARCHAR(6) NOT NULL,
  submission_facility VARCHAR(9) NOT NULL,
  submission_version INTEGER NOT NULL,
  file_name VARCHAR(64) NOT NULL,
  line_no BIGINT NOT NULL,
  facility_code VARCHAR(27) NOT NULL,
  ward_code VARCHAR(30) NOT NULL,
  patient_data_id VARCHAR(30) NOT NULL,
  discharge_date VARCHAR(24) NOT NULL,
  admission_date VARCHAR(24) NOT NULL,
  service_date VARCHAR(24) NOT NULL,
  payload_code VARCHAR(21) NOT NULL,
  payload_version VARCHAR(24) NOT NULL,
  payload_sequence VARCHAR(3) NOT NULL,
  payload_1 VARCHAR(3000) NOT NULL,
  payload_2 VARCHAR(3000) NOT NULL,
  payload_3 VARCHAR(3000) NOT NULL,
  payload_4 VARCHAR(3000) NOT NULL,
  payload_5 VARCHAR(3000) NOT NULL,
  payload_6 VARCHAR(3000) NOT NULL,
  payload_7 VARCHAR(3000) NOT NULL,
  payload_8 VARCHAR(3000) NOT NULL,
  payload_9 VARCHAR(3000) NOT NULL,
  payload_10 VARCHAR(3000) NOT NULL,
  payload_11 VARCHAR(3000) NOT NULL,
  payload_12 VARCHAR(3000) NOT NULL,
  payload_13 VARCHAR(3000) NOT NULL,
  payload_14 VARCHAR(3000) NOT NULL,
  payload_15 VARCHAR(3000) NOT NULL,
  payload_16 VARCHAR(3000) NOT NULL,
  payload_17 VARCHAR(3000) NOT NULL,
  payload_18 VARCHAR(3000) NOT NULL,
  payload_19 VARCHAR(3000) NOT NULL,
  payload_20 VARCHAR(3000) NOT NULL
)
DISTSTYLE KEY DISTKEY (patient_data_id)
COMPOUND SORTKEY (submission_yyyymm, submission_facility, patient_data_id, admission_date);
CREATE TABLE IF NOT EXISTS raw.kn (
  submission_yyyymm VARCHAR(6) NOT NULL,
  submission_facility VARCHAR(9) NOT NULL,
  submission_version INTEGER NOT NULL,
  file_name VARCHAR(64) NOT NULL,
  line_no BIGINT NOT NULL,
  facility_code VARCHAR(27) NOT NULL,
  patient_data_id VARCHAR(30) NOT NULL,
  admission_date VARCHAR(24) NOT NULL,
  discharge_date VARCHAR(24) NOT NULL,
  service_month VARCHAR(18) NOT NULL,
  birth_month VARCHAR(18) NOT NULL,
  primary_common_id VARCHAR(192) NOT NULL
)
DISTSTYLE KEY DISTKEY (patient_data_id)
COMPOUND SORTKEY (submission_yyyymm, submission_facility, patient_data_id, admission_date);

-- 0003_loads: every warehouse, one transaction
CREATE TABLE IF NOT EXISTS raw.loads (
  submission_yyyymm VARCHAR(6) NOT NULL,
  submission_facility VARCHAR(9) NOT NULL,
  file_type VARCHAR(3) NOT NULL,
  version INTEGER,
  newest_version INTEGER,
  status VARCHAR(8) NOT NULL,
  verdict VARCHAR(8),
  records BIGINT,
  sha256 VARCHAR(64),
  created_at TIMESTAMP,
  findings VARCHAR(3000) NOT NULL,
  findings_count INTEGER NOT NULL
)
DISTSTYLE ALL SORTKEY (submission_yyyymm, submission_facility);
CREATE TABLE IF NOT EXISTS ref.facility_master (
  facility_code VARCHAR(9) NOT NULL,
  facility_name VARCHAR(600) NOT NULL,
  dpc_hospital VARCHAR(5) NOT NULL,
  beds_total INTEGER
)
DISTSTYLE ALL;
CREATE TABLE IF NOT EXISTS ref.dpc_points_import (
  dpc_code VARCHAR(14) NOT NULL,
  name_ja VARCHAR(1000) NOT NULL,
  days_1 INTEGER,
  days_2 INTEGER,
  days_3 INTEGER,
  points_1 INTEGER,
  points_2 INTEGER,
  points_3 INTEGER,
  valid_from DATE NOT NULL,
  valid_to DATE NOT NULL,
  source VARCHAR(200) NOT NULL
)
DISTSTYLE ALL;

-- 0004_quality: every warehouse, one transaction
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

-- 1001_steps: Redshift only, one transaction
GRANT USAGE ON SCHEMA raw, stage, mart, ref, dq, export TO "IAMR:role-lambda-dpc";
GRANT SELECT, INSERT, DELETE ON ALL TABLES IN SCHEMA raw, dq TO "IAMR:role-lambda-dpc";
REVOKE ALL ON raw.schema_migrations FROM "IAMR:role-lambda-dpc";
ALTER DEFAULT PRIVILEGES IN SCHEMA raw, dq GRANT SELECT, INSERT, DELETE ON TABLES TO "IAMR:role-lambda-dpc";
GRANT SELECT ON ALL TABLES IN SCHEMA stage, mart, ref TO "IAMR:role-lambda-dpc";
ALTER DEFAULT PRIVILEGES IN SCHEMA ref GRANT SELECT ON TABLES TO "IAMR:role-lambda-dpc";
GRANT INSERT, DELETE ON ref.facility_master TO "IAMR:role-lambda-dpc";
GRANT CREATE ON SCHEMA export TO "IAMR:role-lambda-dpc";

-- 1002_dbt: Redshift only, one transaction
GRANT USAGE ON SCHEMA raw TO "IAMR:role-dbt-runner";
GRANT USAGE, CREATE ON SCHEMA stage, mart, ref TO "IAMR:role-dbt-runner";
GRANT SELECT ON ALL TABLES IN SCHEMA raw, ref TO "IAMR:role-dbt-runner";
REVOKE ALL ON raw.schema_migrations FROM "IAMR:role-dbt-runner";
ALTER DEFAULT PRIVILEGES IN SCHEMA raw, ref GRANT SELECT ON TABLES TO "IAMR:role-dbt-runner";
ALTER DEFAULT PRIVILEGES FOR USER "IAMR:role-dbt-runner" IN SCHEMA stage, mart, ref GRANT SELECT ON TABLES TO "IAMR:role-lambda-dpc";

-- 1003_analysts: Redshift only, one transaction
GRANT USAGE ON SCHEMA mart, ref, dq TO "IAMR:role-analyst-dpc";
GRANT SELECT ON ALL TABLES IN SCHEMA mart, ref, dq TO "IAMR:role-analyst-dpc";
ALTER DEFAULT PRIVILEGES IN SCHEMA ref, dq GRANT SELECT ON TABLES TO "IAMR:role-analyst-dpc";
ALTER DEFAULT PRIVILEGES FOR USER "IAMR:role-dbt-runner" IN SCHEMA mart, ref GRANT SELECT ON TABLES TO "IAMR:role-analyst-dpc";
ALTER USER "IAMR:role-analyst-dpc" CONNECTION LIMIT 10;
ALTER USER "IAMR:role-analyst-dpc" SET statement_timeout TO 600000;

-- 1004_quicksight: Redshift only, one transaction
GRANT USAGE ON SCHEMA mart TO "quicksight_reader";
GRANT SELECT ON ALL TABLES IN SCHEMA mart TO "quicksight_reader";
ALTER DEFAULT PRIVILEGES FOR USER "IAMR:role-dbt-runner" IN SCHEMA mart GRANT SELECT ON TABLES TO "quicksight_reader";
ALTER USER "quicksight_reader" CONNECTION LIMIT 10;
ALTER USER "quicksight_reader" SET statement_timeout TO 600000;

-- 1005_public: Redshift only, one transaction
REVOKE CREATE ON SCHEMA public FROM PUBLIC;

-- 1006_roles_of_copy: Redshift only, each by itself
REVOKE ASSUMEROLE ON ALL FROM PUBLIC FOR ALL;
GRANT ASSUMEROLE ON DEFAULT TO "IAMR:role-lambda-dpc" FOR COPY, UNLOAD;

-- 1007_lake: Redshift only, each by itself
CREATE EXTERNAL SCHEMA IF NOT EXISTS lake FROM DATA CATALOG DATABASE 'dpc_learning_dev_warehouse' IAM_ROLE default;
GRANT USAGE ON SCHEMA lake TO "IAMR:role-analyst-dpc";
