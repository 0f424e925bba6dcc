PRAGMA application_id = 1986884979;
BEGIN TRANSACTION;
CREATE TABLE alembic_version (
	version_num VARCHAR(32) NOT NULL, 
	CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);
INSERT INTO "alembic_version" VALUES('0003');
CREATE TABLE api_key (
	name TEXT NOT NULL, 
	digest TEXT NOT NULL, 
	created_at DOUBLE NOT NULL, 
	version INTEGER NOT NULL, checksum INTEGER, scope TEXT DEFAULT 'admin' NOT NULL, created_by TEXT DEFAULT '' NOT NULL, expires_at DOUBLE, last_used_at DOUBLE, 
	CONSTRAINT pk_api_key PRIMARY KEY (name), 
	CONSTRAINT ck_api_key_version CHECK (version >= 1)
);
INSERT INTO "api_key" VALUES('ci','0000000000000000000000000000000000000000000000000000000000000000',9.0,1,NULL,'admin','',NULL,NULL);
INSERT INTO "api_key" VALUES('ops','1111111111111111111111111111111111111111111111111111111111111111',4.0,1,3550677154,'admin','',NULL,NULL);
CREATE TABLE cluster (
	name TEXT NOT NULL, 
	policy TEXT NOT NULL, 
	grant TEXT, 
	created_at DOUBLE NOT NULL, 
	version INTEGER NOT NULL, disarmed TEXT, checksum INTEGER, 
	CONSTRAINT pk_cluster PRIMARY KEY (name), 
	CONSTRAINT ck_cluster_version CHECK (version >= 1)
);
INSERT INTO "cluster" VALUES('default','{"unknown_vms":"leave","drift":"enforce","restart":"never","track_host_change":true,"seen_before_stop":2,"stops_per_pass_max":10,"starts_per_pass_max":10,"stops_per_window_max":20,"quiet_seconds":300.0,"confirm_after_seconds":10.0,"report_seconds":30.0,"stop_grace_seconds":120.0,"operation_seconds":300.0,"restart_tries_max":3,"restart_backoff_seconds":30.0}','{"id":"grant-1","cluster":"default","fleet":"00000000-0000-0000-0000-0000000f1ee7","instance":"VM","granted_by":"ann","granted_at":11.0,"key":"00000000-0000-0000-0000-0000000006e7","signature":"AHM="}',2.0,1,NULL,NULL);
INSERT INTO "cluster" VALUES('spare','{"unknown_vms":"leave","drift":"record","restart":"never","track_host_change":true,"seen_before_stop":2,"stops_per_pass_max":10,"starts_per_pass_max":10,"stops_per_window_max":20,"quiet_seconds":300.0,"confirm_after_seconds":10.0,"report_seconds":30.0,"stop_grace_seconds":120.0,"operation_seconds":300.0,"restart_tries_max":3,"restart_backoff_seconds":30.0}',NULL,2.5,1,NULL,NULL);
CREATE TABLE credential (
	name TEXT NOT NULL, 
	kind TEXT NOT NULL, 
	sealed TEXT NOT NULL, 
	public TEXT NOT NULL, 
	created_at DOUBLE NOT NULL, 
	version INTEGER NOT NULL, 
	checksum INTEGER, 
	CONSTRAINT pk_credential PRIMARY KEY (name), 
	CONSTRAINT ck_credential_version CHECK (version >= 1)
);
INSERT INTO "credential" VALUES('root','ssh','AP8=','SHA256:x',5.0,1,2261714881);
CREATE TABLE fleet (
	single SMALLINT NOT NULL, 
	id VARCHAR(36) NOT NULL, 
	"key" VARCHAR(36) NOT NULL, 
	instance TEXT NOT NULL, 
	public_keys TEXT NOT NULL, 
	created_at DOUBLE NOT NULL, 
	intake INTEGER NOT NULL, 
	version INTEGER NOT NULL, policy TEXT DEFAULT '{}' NOT NULL, trusted INTEGER DEFAULT 0 NOT NULL, disarmed TEXT, quarantine TEXT, checksum INTEGER, 
	CONSTRAINT pk_fleet PRIMARY KEY (single), 
	CONSTRAINT ck_fleet_single CHECK (single = 1), 
	CONSTRAINT ck_fleet_version CHECK (version >= 1)
);
INSERT INTO "fleet" VALUES(1,'00000000-0000-0000-0000-0000000f1ee7','00000000-0000-0000-0000-0000000006e7','VM','{"00000000-0000-0000-0000-0000000006e7":"AGs="}',1.5,2000,1,'{}',0,NULL,NULL,NULL);
CREATE TABLE held_plan (
	host TEXT NOT NULL, 
	id VARCHAR(36) NOT NULL, 
	cluster TEXT NOT NULL, 
	why TEXT NOT NULL, 
	acts TEXT NOT NULL, 
	state TEXT NOT NULL, 
	"by" TEXT NOT NULL, 
	held_at DOUBLE NOT NULL, 
	decided_at DOUBLE, 
	expires_at DOUBLE, 
	version INTEGER NOT NULL, 
	checksum INTEGER, 
	CONSTRAINT pk_held_plan PRIMARY KEY (host), 
	CONSTRAINT ck_held_plan_version CHECK (version >= 1), 
	CONSTRAINT fk_held_plan_host_host FOREIGN KEY(host) REFERENCES host (id) ON DELETE CASCADE
);
INSERT INTO "held_plan" VALUES('up','00000000-0000-0000-0000-000000000005','default','3 automatic stops in one pass','[{"vm":"00000000-0000-0000-0000-000000000001","name":"i-2-78-VM","act":"stop","rule":"drift","why":"it runs"}]','held','',51.0,NULL,NULL,1,1990749610);
CREATE TABLE host (
	id TEXT NOT NULL, 
	cluster TEXT NOT NULL, 
	uuid VARCHAR(36), 
	name TEXT NOT NULL, 
	profile TEXT NOT NULL, 
	mode TEXT NOT NULL, 
	health TEXT NOT NULL, 
	digest TEXT NOT NULL, 
	trouble TEXT NOT NULL, 
	facts TEXT, 
	epoch INTEGER NOT NULL, 
	sequence INTEGER NOT NULL, 
	vms_seen INTEGER NOT NULL, 
	added_at DOUBLE NOT NULL, 
	last_report_at DOUBLE, 
	last_complete_at DOUBLE, 
	version INTEGER NOT NULL, health_at DOUBLE DEFAULT 0 NOT NULL, flaps INTEGER DEFAULT 0 NOT NULL, well_since DOUBLE, claims VARCHAR(36), accepted VARCHAR(36), disarmed TEXT, checksum INTEGER, 
	CONSTRAINT pk_host PRIMARY KEY (id), 
	CONSTRAINT ck_host_version CHECK (version >= 1), 
	CONSTRAINT fk_host_cluster_cluster FOREIGN KEY(cluster) REFERENCES cluster (name)
);
INSERT INTO "host" VALUES('up','default','00000000-0000-0000-0000-000000000007','kvm1','{"kind":"local","scope":"session"}','manage','up','ab','','{"uuid":"00000000-0000-0000-0000-000000000007","boot_id":"b1","hypervisor":"QEMU","version":"7.2.0","hostname":"kvm1"}',5,9,2,3.0,31.5,30.0,3,0.0,1,31.5,NULL,NULL,'{"by":"ann","at":50.0,"why":"a new disk"}',1208661194);
INSERT INTO "host" VALUES('lost','default',NULL,'kvm2','{"kind":"loopback","port":16509}','observe','suspect','','it does not answer',NULL,2,1,0,4.0,12.0,NULL,1,0.0,0,NULL,NULL,NULL,NULL,NULL);
CREATE TABLE journal (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	at DOUBLE NOT NULL, 
	kind TEXT NOT NULL, 
	actor TEXT NOT NULL, 
	what TEXT NOT NULL, 
	rule TEXT NOT NULL, 
	name TEXT NOT NULL, 
	evidence TEXT NOT NULL, 
	host TEXT, 
	cluster TEXT, 
	vm VARCHAR(36), 
	operation VARCHAR(36), 
	command VARCHAR(36)
, checksum INTEGER, chain TEXT DEFAULT '' NOT NULL);
INSERT INTO "journal" VALUES(1,44.0,'decision','vmuster','it''s gone','S5','i-2-78-VM','{"seen":[1,2.5,null],"text":"é"}','up','default','00000000-0000-0000-0000-000000000001','00000000-0000-0000-0000-000000000080','00000000-0000-0000-0000-000000000010',NULL,'e83c27af57f2d912c27e89032efb427d4d22c4e43d243fce5945d9f062249d2c');
INSERT INTO "journal" VALUES(2,45.0,'audit','ann','added a host','','','{}',NULL,NULL,NULL,NULL,NULL,NULL,'bdb6f27d12e3d94a7debb898f25bd7f3f245cb69c74af31cfbc77d29b48d8dc6');
INSERT INTO "journal" VALUES(3,52.0,'audit','ann','disarmed é','','','{"b":[0.1,null],"a":-0.0}','up',NULL,'00000000-0000-0000-0000-000000000001',NULL,NULL,373115076,'c604ebe085f27288c8421ad452c4449e1e3c1f0f48bc7669418084dc62c41c46');
INSERT INTO "journal" VALUES(5,53.0,'audit','ann','made a key','','','{}',NULL,NULL,'00000000-0000-0000-0000-000000000001',NULL,NULL,3927069639,'d17df6f843d858c1049dae084aff2c1ea999c11a0bba6c35ec059f8a8578f245');
INSERT INTO "journal" VALUES(6,54.0,'audit','ann','called a webhook','','','{}',NULL,NULL,'00000000-0000-0000-0000-000000000001',NULL,NULL,3332981139,'2b2cd20d8d6f6308dd7402549fcf73188202e2b82835e37c6e19775568d53531');
CREATE TABLE operation (
	id VARCHAR(36) NOT NULL, 
	vm VARCHAR(36) NOT NULL, 
	command VARCHAR(36), 
	kind TEXT NOT NULL, 
	name TEXT NOT NULL, 
	host TEXT NOT NULL, 
	actor TEXT NOT NULL, 
	state TEXT NOT NULL, 
	message TEXT NOT NULL, 
	idempotency_key TEXT NOT NULL, 
	force BOOLEAN NOT NULL, 
	created_at DOUBLE NOT NULL, 
	deadline_at DOUBLE NOT NULL, 
	finished_at DOUBLE, 
	intake INTEGER NOT NULL, 
	previous TEXT, 
	version INTEGER NOT NULL, checksum INTEGER, 
	CONSTRAINT pk_operation PRIMARY KEY (id), 
	CONSTRAINT ck_operation_version CHECK (version >= 1)
);
INSERT INTO "operation" VALUES('00000000-0000-0000-0000-000000000080','00000000-0000-0000-0000-000000000001','00000000-0000-0000-0000-000000000012','adopt','i-2-78-VM','up','ann','running','','k1',1,50.0,350.0,NULL,1999,'{"uuid":"00000000-0000-0000-0000-000000000001","name":"i-2-78-VM","label":"web é1","kind":"user","cluster":"default","host":"up","desired":"running","phase":"running","power":"running","reason":"unknown","generation":3,"mark_generation":4,"protected":true,"created_at":20.5,"changed_at":21.0,"seen_at":22.0,"boot_id":"boot-1","absent_reports":0,"restart_tries":0,"restart_after":0.0,"removed_at":null,"version":0}',1,NULL);
INSERT INTO "operation" VALUES('00000000-0000-0000-0000-000000000081','00000000-0000-0000-0000-000000000002',NULL,'stop','i-2-79-VM','lost','bob','failed','refused','',0,49.0,349.0,60.0,0,NULL,1,NULL);
CREATE TABLE outbox (
	id VARCHAR(36) NOT NULL, 
	vm VARCHAR(36) NOT NULL, 
	host TEXT NOT NULL, 
	command TEXT NOT NULL, 
	act TEXT NOT NULL, 
	automatic BOOLEAN NOT NULL, 
	result TEXT, 
	created_at DOUBLE NOT NULL, 
	answered_at DOUBLE, 
	version INTEGER NOT NULL, checksum INTEGER, 
	CONSTRAINT pk_outbox PRIMARY KEY (id), 
	CONSTRAINT ck_outbox_version CHECK (version >= 1)
);
INSERT INTO "outbox" VALUES('00000000-0000-0000-0000-000000000010','00000000-0000-0000-0000-000000000001','up','{"command":"stop_vm","id":"00000000-0000-0000-0000-000000000010","operation":"00000000-0000-0000-0000-000000000080","host":"up","epoch":5,"vm":"00000000-0000-0000-0000-000000000001","name":"i-2-78-VM","actor":"vmuster","automatic":true,"issued_at":40.0,"valid_seconds":30.0,"proof":{"kind":"record","host":"up","vm":"00000000-0000-0000-0000-000000000001","epoch":5,"sequence":9,"mark":{"fleet":"00000000-0000-0000-0000-0000000f1ee7","vm":"00000000-0000-0000-0000-000000000001","generation":"4","key":"00000000-0000-0000-0000-0000000006e7","signature":"00ff"},"mark_generation":4,"grant":null},"method":"shutdown","grace_seconds":60.0}','stop_vm',1,'{"command":"00000000-0000-0000-0000-000000000010","host":"up","outcome":"refused","message":"no mark","unknown":false}',40.0,41.0,1,NULL);
INSERT INTO "outbox" VALUES('00000000-0000-0000-0000-000000000011','00000000-0000-0000-0000-000000000001','up','{"command":"start_vm","id":"00000000-0000-0000-0000-000000000011","operation":"00000000-0000-0000-0000-000000000081","host":"up","epoch":5,"vm":"00000000-0000-0000-0000-000000000001","name":"i-2-78-VM","actor":"vmuster","automatic":true,"issued_at":40.0,"valid_seconds":30.0,"clearance":{"type":"home","host":"up","vm":"00000000-0000-0000-0000-000000000001","epoch":5,"sequence":9,"mark":{"fleet":"00000000-0000-0000-0000-0000000f1ee7","vm":"00000000-0000-0000-0000-000000000001","generation":"4","key":"00000000-0000-0000-0000-0000000006e7","signature":"00ff"}}}','start_vm',1,NULL,42.0,NULL,1,NULL);
INSERT INTO "outbox" VALUES('00000000-0000-0000-0000-000000000012','00000000-0000-0000-0000-000000000001','up','{"command":"mark_vm","id":"00000000-0000-0000-0000-000000000012","operation":"00000000-0000-0000-0000-000000000082","host":"up","epoch":5,"vm":"00000000-0000-0000-0000-000000000001","name":"i-2-78-VM","actor":"vmuster","automatic":true,"issued_at":40.0,"valid_seconds":30.0,"mark":{"fleet":"00000000-0000-0000-0000-0000000f1ee7","vm":"00000000-0000-0000-0000-000000000001","generation":4,"key":"00000000-0000-0000-0000-0000000006e7","signature":"cw=="},"replaces":null}','mark_vm',1,NULL,43.0,NULL,1,NULL);
CREATE TABLE request_answer (
	actor TEXT NOT NULL, 
	"key" TEXT NOT NULL, 
	digest TEXT NOT NULL, 
	body TEXT NOT NULL, 
	location TEXT NOT NULL, 
	status INTEGER NOT NULL, 
	created_at DOUBLE NOT NULL, 
	version INTEGER NOT NULL, 
	checksum INTEGER, 
	CONSTRAINT pk_request_answer PRIMARY KEY (actor, "key"), 
	CONSTRAINT ck_request_answer_version CHECK (version >= 1)
);
INSERT INTO "request_answer" VALUES('ann','k','1111111111111111111111111111111111111111111111111111111111111111','{"id":1}','',202,7.0,1,3385173317);
CREATE TABLE sighting (
	host TEXT NOT NULL, 
	uuid VARCHAR(36) NOT NULL, 
	name TEXT NOT NULL, 
	power TEXT NOT NULL, 
	reason TEXT NOT NULL, 
	mark TEXT NOT NULL, 
	standing TEXT NOT NULL, 
	finding TEXT NOT NULL, 
	why TEXT NOT NULL, 
	complete_reports INTEGER NOT NULL, 
	taken_in INTEGER NOT NULL, 
	asked_after INTEGER NOT NULL, 
	active_since INTEGER NOT NULL, 
	first_seen_at DOUBLE NOT NULL, 
	last_seen_at DOUBLE NOT NULL, 
	absent BOOLEAN NOT NULL, 
	absence_confirmed BOOLEAN NOT NULL, 
	raw_mark TEXT, checksum INTEGER, 
	CONSTRAINT pk_sighting PRIMARY KEY (host, uuid), 
	CONSTRAINT fk_sighting_host_host FOREIGN KEY(host) REFERENCES host (id) ON DELETE CASCADE
);
INSERT INTO "sighting" VALUES('up','00000000-0000-0000-0000-000000000001','i-2-78-VM','running','unknown','ours','owned','in_sync','it runs, as asked',2,50,49,50,23.0,31.5,0,0,'{"fleet":"00000000-0000-0000-0000-0000000f1ee7","vm":"00000000-0000-0000-0000-000000000001","generation":"4","key":"00000000-0000-0000-0000-0000000006e7","signature":"00ff"}',NULL);
INSERT INTO "sighting" VALUES('lost','00000000-0000-0000-0000-000000000003','Windows 7 (32-bit) (1)','stopped','unknown','none','alien','','no record, no mark',1,10,9,0,11.0,12.0,1,0,NULL,NULL);
CREATE TABLE vm (
	uuid VARCHAR(36) NOT NULL, 
	name TEXT NOT NULL, 
	label TEXT NOT NULL, 
	kind TEXT NOT NULL, 
	cluster TEXT NOT NULL, 
	number TEXT NOT NULL, 
	host TEXT, 
	desired TEXT NOT NULL, 
	phase TEXT NOT NULL, 
	power TEXT NOT NULL, 
	reason TEXT NOT NULL, 
	boot_id TEXT NOT NULL, 
	generation INTEGER NOT NULL, 
	mark_generation INTEGER NOT NULL, 
	absent_reports INTEGER NOT NULL, 
	restart_tries INTEGER NOT NULL, 
	protected BOOLEAN NOT NULL, 
	created_at DOUBLE NOT NULL, 
	changed_at DOUBLE NOT NULL, 
	seen_at DOUBLE NOT NULL, 
	restart_after DOUBLE NOT NULL, 
	removed_at DOUBLE, 
	version INTEGER NOT NULL, checksum INTEGER, 
	CONSTRAINT pk_vm PRIMARY KEY (uuid), 
	CONSTRAINT ck_vm_version CHECK (version >= 1)
);
INSERT INTO "vm" VALUES('00000000-0000-0000-0000-000000000001','i-2-78-VM','web é1','user','default','user/78','up','running','running','running','unknown','boot-1',3,4,0,0,1,20.5,21.0,22.0,0.0,NULL,1,NULL);
INSERT INTO "vm" VALUES('00000000-0000-0000-0000-000000000002','i-2-79-VM','gone','user','default','user/79',NULL,'absent','deleted','unknown','unknown','',1,2,0,0,0,5.0,6.0,7.0,0.0,8.0,1,NULL);
CREATE TABLE webhook (
	name TEXT NOT NULL, 
	url TEXT NOT NULL, 
	sealed TEXT NOT NULL, 
	kinds TEXT NOT NULL, 
	trouble TEXT NOT NULL, 
	delivered INTEGER NOT NULL, 
	failures INTEGER NOT NULL, 
	created_at DOUBLE NOT NULL, 
	tried_at DOUBLE, 
	version INTEGER NOT NULL, 
	checksum INTEGER, 
	CONSTRAINT pk_webhook PRIMARY KEY (name), 
	CONSTRAINT ck_webhook_version CHECK (version >= 1)
);
INSERT INTO "webhook" VALUES('pager','https://pager.example/hook','AP4=','["alert","held"]','',0,0,6.0,NULL,1,898741784);
CREATE INDEX ix_api_key_digest ON api_key (digest);
CREATE INDEX ix_journal_command ON journal (command);
CREATE INDEX ix_journal_host ON journal (host);
CREATE INDEX ix_journal_kind ON journal (kind);
CREATE INDEX ix_journal_name ON journal (name);
CREATE INDEX ix_journal_operation ON journal (operation);
CREATE INDEX ix_journal_vm ON journal (vm);
CREATE INDEX ix_operation_created_at_id ON operation (created_at, id);
CREATE INDEX ix_operation_host_state ON operation (host, state);
CREATE INDEX ix_operation_idempotency_key ON operation (idempotency_key);
CREATE INDEX ix_operation_state_created_at ON operation (state, created_at);
CREATE INDEX ix_operation_vm_state ON operation (vm, state);
CREATE UNIQUE INDEX uq_operation_actor_idempotency_key ON operation (actor, idempotency_key) WHERE idempotency_key != '';
CREATE UNIQUE INDEX uq_operation_vm_open ON operation (vm) WHERE state IN ('pending', 'running');
CREATE INDEX ix_outbox_answered_at_host ON outbox (answered_at, host);
CREATE INDEX ix_outbox_created_at_id ON outbox (created_at, id);
CREATE INDEX ix_outbox_vm ON outbox (vm);
CREATE INDEX ix_vm_name ON vm (name);
CREATE INDEX ix_vm_number ON vm (number);
CREATE UNIQUE INDEX uq_vm_name_live ON vm (name) WHERE removed_at IS NULL;
CREATE INDEX ix_host_cluster ON host (cluster);
CREATE UNIQUE INDEX uq_host_name ON host (name);
CREATE UNIQUE INDEX uq_host_uuid ON host (uuid);
CREATE INDEX ix_sighting_standing_host ON sighting (standing, host);
CREATE INDEX ix_sighting_uuid ON sighting (uuid);
CREATE INDEX ix_held_plan_id ON held_plan (id);
CREATE INDEX ix_held_plan_state_host ON held_plan (state, host);
CREATE INDEX ix_outbox_automatic_created_at_act_host ON outbox (automatic, created_at, act, host);
CREATE INDEX ix_request_answer_created_at_actor_key ON request_answer (created_at, actor, "key");
CREATE INDEX ix_vm_host_name_uuid ON vm (host, name, uuid);
CREATE INDEX ix_vm_cluster_name ON vm (cluster, name);
CREATE INDEX ix_sighting_name_uuid_host_shown ON sighting (name, uuid, host) WHERE absent = 0;
CREATE INDEX ix_sighting_host_name_uuid_shown ON sighting (host, name, uuid) WHERE absent = 0;
CREATE INDEX ix_sighting_standing_name_uuid_host_shown ON sighting (standing, name, uuid, host) WHERE absent = 0;
DELETE FROM "sqlite_sequence";
INSERT INTO "sqlite_sequence" VALUES('journal',6);
COMMIT;
