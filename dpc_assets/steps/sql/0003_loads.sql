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
