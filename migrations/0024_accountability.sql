-- What the clinic must be able to show of its processing of personal data (law
-- 94-V art. 7, 12, 16, 22, 25, 25-1; orders 179/НҚ, 672/НҚ). Everything is
-- versioned: a row is replaced by the next version and never changed.

-- Why data is processed. The years come from retention_rule, never from here.
CREATE TABLE processing_purpose (
    code           TEXT NOT NULL CHECK (code <> ''),
    version        INTEGER NOT NULL CHECK (1 <= version), -- the newest that has begun counts
    title_ru       TEXT NOT NULL CHECK (title_ru <> ''),
    title_kk       TEXT NOT NULL CHECK (title_kk <> ''),
    basis_ru       TEXT NOT NULL CHECK (basis_ru <> ''),
    basis_kk       TEXT NOT NULL CHECK (basis_kk <> ''),
    classes        TEXT NOT NULL CHECK (json_valid(classes)), -- accountability::DataClass, as codes
    people         TEXT NOT NULL CHECK (json_valid(people)),  -- accountability::Whose, as codes
    kept           TEXT NOT NULL CHECK (json_valid(kept)),    -- retention_rule.code; []: until the purpose is reached
    source         TEXT NOT NULL,             -- where the law was read
    checked_on     TEXT NOT NULL,             -- 2026-11-27: when somebody read it there
    confirmed      INTEGER NOT NULL CHECK (confirmed IN (0, 1)), -- by the clinic's lawyer
    effective_from TEXT NOT NULL,
    ended          INTEGER NOT NULL CHECK (ended IN (0, 1)),  -- the purpose is over from that day on
    made_at        INTEGER NOT NULL,          -- Unix ms; 0 for those shipped
    made_by        TEXT REFERENCES staff (id), -- null for those shipped
    PRIMARY KEY (code, version)
) STRICT, WITHOUT ROWID;

-- Who else receives data. Those that the program is set up to send to have the
-- code `sms_KIND`; what nobody but the clinic knows of them is written here too.
CREATE TABLE data_recipient (
    code       TEXT NOT NULL CHECK (code <> ''),
    version    INTEGER NOT NULL CHECK (1 <= version),
    name       TEXT NOT NULL CHECK (name <> ''),
    country    TEXT NOT NULL CHECK (length(country) = 2), -- ISO 3166-1; other than KZ: a transfer abroad
    purpose_ru TEXT NOT NULL CHECK (purpose_ru <> ''),
    purpose_kk TEXT NOT NULL CHECK (purpose_kk <> ''),
    basis_ru   TEXT NOT NULL CHECK (basis_ru <> ''),
    basis_kk   TEXT NOT NULL CHECK (basis_kk <> ''),
    classes    TEXT NOT NULL CHECK (json_valid(classes)),
    contract   TEXT NOT NULL,             -- number and date; '' until there is one
    ended      INTEGER NOT NULL CHECK (ended IN (0, 1)),
    made_at    INTEGER NOT NULL,          -- Unix ms
    made_by    TEXT REFERENCES staff (id),
    PRIMARY KEY (code, version)
) STRICT, WITHOUT ROWID;

-- Who answers for the processing, by order of the head (art. 25(2)(10)).
CREATE TABLE responsible_person (
    id             INTEGER PRIMARY KEY,   -- the newest that has begun counts
    name           TEXT NOT NULL CHECK (name <> ''),
    position       TEXT NOT NULL,
    order_number   TEXT NOT NULL CHECK (order_number <> ''),
    order_date     TEXT NOT NULL,
    effective_from TEXT NOT NULL,
    made_at        INTEGER NOT NULL,      -- Unix ms
    made_by        TEXT REFERENCES staff (id)
) STRICT;

-- Numbers of the law and of the clinic's own rules.
CREATE TABLE accountability_limit (
    code           TEXT NOT NULL CHECK (code IN
        ('small_people', 'medium_people', 'biometric_people', 'warn_percent', 'rules_days',
         'rules_months', 'review_months')),
    version        INTEGER NOT NULL CHECK (1 <= version),
    value          INTEGER NOT NULL CHECK (1 <= value),
    basis_ru       TEXT NOT NULL CHECK (basis_ru <> ''),
    basis_kk       TEXT NOT NULL CHECK (basis_kk <> ''),
    source         TEXT NOT NULL,
    checked_on     TEXT NOT NULL,
    confirmed      INTEGER NOT NULL CHECK (confirmed IN (0, 1)),
    effective_from TEXT NOT NULL,
    made_at        INTEGER NOT NULL,      -- Unix ms; 0 for those shipped
    made_by        TEXT REFERENCES staff (id),
    PRIMARY KEY (code, version)
) STRICT, WITHOUT ROWID;

-- The rules that everybody who works here reads and confirms.
CREATE TABLE staff_rules (
    version INTEGER PRIMARY KEY,          -- the newest counts
    text_ru TEXT NOT NULL CHECK (text_ru <> ''),
    text_kk TEXT NOT NULL CHECK (text_kk <> ''),
    made_at INTEGER NOT NULL,             -- Unix ms; 0 for those shipped
    made_by TEXT REFERENCES staff (id)
) STRICT;

CREATE TABLE rules_acknowledgement (
    id       INTEGER PRIMARY KEY,
    staff_id TEXT NOT NULL REFERENCES staff (id),
    version  INTEGER NOT NULL REFERENCES staff_rules (version),
    language TEXT NOT NULL CHECK (language IN ('ru', 'kk')), -- of the text that was shown
    sha256   TEXT NOT NULL CHECK (length(sha256) = 64),      -- of that text
    at       INTEGER NOT NULL             -- Unix ms
) STRICT;

CREATE INDEX rules_acknowledgement_by_staff ON rules_acknowledgement (staff_id, id);

-- The policy as it was approved: generated from the registers, then frozen.
CREATE TABLE privacy_policy (
    version      INTEGER PRIMARY KEY,     -- the newest is the one patients read
    order_number TEXT NOT NULL CHECK (order_number <> ''),
    order_date   TEXT NOT NULL,
    body_ru      TEXT NOT NULL CHECK (json_valid(body_ru)), -- accountability::policy::Document
    body_kk      TEXT NOT NULL CHECK (json_valid(body_kk)),
    sha256       TEXT NOT NULL CHECK (length(sha256) = 64), -- over both
    approved_at  INTEGER NOT NULL,        -- Unix ms
    approved_by  TEXT REFERENCES staff (id)
) STRICT;

CREATE TABLE yearly_review (
    number     INTEGER PRIMARY KEY,
    conclusion TEXT NOT NULL CHECK (conclusion <> ''),
    signed_at  INTEGER NOT NULL,          -- Unix ms
    signed_by  TEXT REFERENCES staff (id),
    next_on    TEXT NOT NULL              -- 2027-11-27: when the next one is due
) STRICT;

-- What the program found at that moment, and what was said to it.
CREATE TABLE yearly_review_item (
    number   INTEGER NOT NULL REFERENCES yearly_review (number),
    position INTEGER NOT NULL,
    code     TEXT NOT NULL,               -- accountability::yearly::CheckCode
    found    INTEGER,                     -- how many are open, or since how many days; null: never
    fine     INTEGER NOT NULL CHECK (fine IN (0, 1)),
    answer   TEXT NOT NULL CHECK (answer IN ('done', 'to_do')),
    note     TEXT NOT NULL,
    PRIMARY KEY (number, position)
) STRICT, WITHOUT ROWID;

-- Each paper that was made.
CREATE TABLE paper_export (
    id       INTEGER PRIMARY KEY,
    paper    TEXT NOT NULL,               -- accountability::papers::PaperCode
    language TEXT NOT NULL CHECK (language IN ('ru', 'kk')),
    at       INTEGER NOT NULL,            -- Unix ms
    by_staff TEXT REFERENCES staff (id)
) STRICT;

CREATE INDEX paper_export_by_paper ON paper_export (paper, id);

CREATE TRIGGER processing_purpose_is_never_changed BEFORE UPDATE ON processing_purpose
BEGIN
    SELECT RAISE(ABORT, 'a purpose gets a next version, it is not changed');
END;

CREATE TRIGGER processing_purpose_is_never_deleted BEFORE DELETE ON processing_purpose
BEGIN
    SELECT RAISE(ABORT, 'a purpose is never deleted');
END;

CREATE TRIGGER data_recipient_is_never_changed BEFORE UPDATE ON data_recipient
BEGIN
    SELECT RAISE(ABORT, 'a recipient gets a next version, it is not changed');
END;

CREATE TRIGGER data_recipient_is_never_deleted BEFORE DELETE ON data_recipient
BEGIN
    SELECT RAISE(ABORT, 'a recipient is never deleted');
END;

CREATE TRIGGER responsible_person_is_never_changed BEFORE UPDATE ON responsible_person
BEGIN
    SELECT RAISE(ABORT, 'an appointment gets a next version, it is not changed');
END;

CREATE TRIGGER responsible_person_is_never_deleted BEFORE DELETE ON responsible_person
BEGIN
    SELECT RAISE(ABORT, 'an appointment is never deleted');
END;

CREATE TRIGGER accountability_limit_is_never_changed BEFORE UPDATE ON accountability_limit
BEGIN
    SELECT RAISE(ABORT, 'a limit gets a next version, it is not changed');
END;

CREATE TRIGGER accountability_limit_is_never_deleted BEFORE DELETE ON accountability_limit
BEGIN
    SELECT RAISE(ABORT, 'a limit is never deleted');
END;

CREATE TRIGGER staff_rules_is_never_changed BEFORE UPDATE ON staff_rules
BEGIN
    SELECT RAISE(ABORT, 'the text of rules gets a next version, it is not changed');
END;

CREATE TRIGGER staff_rules_is_never_deleted BEFORE DELETE ON staff_rules
BEGIN
    SELECT RAISE(ABORT, 'the text of rules is never deleted');
END;

CREATE TRIGGER rules_acknowledgement_is_never_changed BEFORE UPDATE ON rules_acknowledgement
BEGIN
    SELECT RAISE(ABORT, 'an acknowledgement is never changed');
END;

CREATE TRIGGER rules_acknowledgement_is_never_deleted BEFORE DELETE ON rules_acknowledgement
BEGIN
    SELECT RAISE(ABORT, 'an acknowledgement is never deleted');
END;

CREATE TRIGGER privacy_policy_is_never_changed BEFORE UPDATE ON privacy_policy
BEGIN
    SELECT RAISE(ABORT, 'a policy is never changed');
END;

CREATE TRIGGER privacy_policy_is_never_deleted BEFORE DELETE ON privacy_policy
BEGIN
    SELECT RAISE(ABORT, 'a policy is never deleted');
END;

CREATE TRIGGER yearly_review_is_never_changed BEFORE UPDATE ON yearly_review
BEGIN
    SELECT RAISE(ABORT, 'a review is never changed');
END;

CREATE TRIGGER yearly_review_is_never_deleted BEFORE DELETE ON yearly_review
BEGIN
    SELECT RAISE(ABORT, 'a review is never deleted');
END;

CREATE TRIGGER yearly_review_item_is_never_changed BEFORE UPDATE ON yearly_review_item
BEGIN
    SELECT RAISE(ABORT, 'a review is never changed');
END;

CREATE TRIGGER yearly_review_item_is_never_deleted BEFORE DELETE ON yearly_review_item
BEGIN
    SELECT RAISE(ABORT, 'a review is never deleted');
END;

CREATE TRIGGER paper_export_is_never_changed BEFORE UPDATE ON paper_export
BEGIN
    SELECT RAISE(ABORT, 'what was made is never changed');
END;

CREATE TRIGGER paper_export_is_never_deleted BEFORE DELETE ON paper_export
BEGIN
    SELECT RAISE(ABORT, 'what was made is never deleted');
END;

INSERT INTO processing_purpose (code, version, title_ru, title_kk, basis_ru, basis_kk, classes,
    people, kept, source, checked_on, confirmed, effective_from, ended, made_at, made_by)
VALUES
    ('care', 1, 'Медицинская помощь и ведение карты пациента',
     'Медициналық көмек көрсету және пациент картасын жүргізу',
     'Согласие (94-V, ст. 7 п. 1, ст. 8); Кодекс РК 360-VI, ст. 273; приказы ҚР ДСМ-175/2020, ҚР ДСМ-244/2020',
     'Келісім (94-V, 7-бап 1-т., 8-бап); ҚР 360-VI кодексі, 273-бап; ҚР ДСМ-175/2020, ҚР ДСМ-244/2020 бұйрықтары',
     '["name","birth","identity","contact","health","visits"]', '["patients","representatives"]',
     '["dental_card","outpatient_card","inpatient_card"]',
     'https://adilet.zan.kz/rus/docs/Z1300000094', '2026-11-27', 0, '2026-08-25', 0, 0, NULL),
    ('appointments', 1, 'Запись на приём и журнал записи', 'Қабылдауға жазу және жазылу журналы',
     'Согласие (94-V, ст. 7 п. 1, ст. 8); приказ ҚР ДСМ-244/2020',
     'Келісім (94-V, 7-бап 1-т., 8-бап); ҚР ДСМ-244/2020 бұйрығы',
     '["name","contact","visits"]', '["patients","representatives"]', '["visit_journal"]',
     'https://adilet.zan.kz/rus/docs/Z1300000094', '2026-11-27', 0, '2026-08-25', 0, 0, NULL),
    ('messages', 1, 'Напоминания о приёме и коды подтверждения',
     'Қабылдау туралы еске салу және растау кодтары',
     'Согласие с указанием передачи третьим лицам (94-V, ст. 7 п. 6, ст. 8 п. 4)',
     'Үшінші тұлғаларға беру көрсетілген келісім (94-V, 7-бап 6-т., 8-бап 4-т.)',
     '["contact","messages"]', '["patients","representatives"]', '[]',
     'https://adilet.zan.kz/rus/docs/Z1300000094', '2026-11-27', 0, '2026-08-25', 0, 0, NULL),
    ('consents', 1, 'Информированные согласия и их доказательства',
     'Ақпараттандырылған келісімдер және олардың дәлелдемелері',
     '94-V, ст. 8, ст. 25 п. 2 пп. 5; Кодекс РК 360-VI, ст. 134',
     '94-V, 8-бап, 25-бап 2-т. 5) т.; ҚР 360-VI кодексі, 134-бап',
     '["name","identity","contact","consents"]', '["patients","representatives"]', '["consent"]',
     'https://adilet.zan.kz/rus/docs/Z1300000094', '2026-11-27', 0, '2026-08-25', 0, 0, NULL),
    ('requests', 1, 'Обращения о своих данных и учёт нарушений',
     'Өз деректері туралы өтініштер және бұзушылықтарды есепке алу',
     '94-V, ст. 8, 19-1, 24, 25; приказ № 481/НҚ',
     '94-V, 8, 19-1, 24, 25-баптар; № 481/НҚ бұйрық',
     '["name","contact","requests"]', '["patients","representatives","applicants"]', '[]',
     'https://adilet.zan.kz/rus/docs/V2400034919', '2026-11-27', 0, '2026-08-25', 0, 0, NULL),
    ('protection', 1, 'Защита данных: вход, права и журнал действий',
     'Деректерді қорғау: кіру, құқықтар және әрекеттер журналы',
     '94-V, ст. 22; правила № 179/НҚ с изменениями № 672/НҚ',
     '94-V, 22-бап; № 672/НҚ өзгерістерімен № 179/НҚ қағидалары',
     '["staff","traces"]', '["staff","patients"]', '[]',
     'https://adilet.zan.kz/rus/docs/V2300032810', '2026-11-27', 0, '2026-08-25', 0, 0, NULL),
    ('import', 1, 'Перенос записей из прежних таблиц клиники',
     'Клиниканың бұрынғы кестелеріндегі жазбаларды көшіру',
     'Согласие (94-V, ст. 7 п. 1, ст. 8): те же цели, что у карты и записи',
     'Келісім (94-V, 7-бап 1-т., 8-бап): карта мен жазылудың мақсаттары',
     '["name","contact","visits"]', '["patients"]', '[]',
     'https://adilet.zan.kz/rus/docs/Z1300000094', '2026-11-27', 0, '2026-08-25', 0, 0, NULL);

-- Art. 25-1 in the wording of law 326-VIII: up to 10 000 people small, up to
-- 500 000 medium; data of restricted access moves the operator one class up.
INSERT INTO accountability_limit (code, version, value, basis_ru, basis_kk, source, checked_on,
    confirmed, effective_from, made_at, made_by)
VALUES
    ('small_people', 1, 10000,
     '94-V, ст. 25-1 (326-VIII): малый — до 10 000 субъектов; данные ограниченного доступа поднимают на класс. Крупный уведомляет уполномоченный орган до начала и прекращения обработки (ст. 10-1)',
     '94-V, 25-1-бап (326-VIII): шағын — 10 000 субъектіге дейін; қолжетімділігі шектеулі деректер бір сыныпқа көтереді. Ірі оператор өңдеуді бастағанға және тоқтатқанға дейін уәкілетті органға хабарлайды (10-1-бап)',
     'https://adilet.zan.kz/rus/docs/Z1300000094', '2026-11-27', 0, '2026-08-25', 0, NULL),
    ('medium_people', 1, 500000,
     '94-V, ст. 25-1 (326-VIII): средний — до 500 000 субъектов',
     '94-V, 25-1-бап (326-VIII): орта — 500 000 субъектіге дейін',
     'https://adilet.zan.kz/rus/docs/Z1300000094', '2026-11-27', 0, '2026-08-25', 0, NULL),
    ('biometric_people', 1, 100000,
     'Приказ № 672/НҚ: от 100 000 записей ограниченного доступа один из факторов входа — биометрический',
     '№ 672/НҚ бұйрық: қолжетімділігі шектеулі 100 000 жазбадан бастап кіру факторларының бірі — биометриялық',
     'https://adilet.zan.kz/rus/docs/V2500037650', '2026-11-27', 0, '2026-01-06', 0, NULL),
    ('warn_percent', 1, 90,
     'Правило клиники: предупреждать за 10 % до порога (9 000 из 10 000)',
     'Клиника ережесі: шекке 10 % қалғанда ескерту (10 000-нан 9 000)',
     '', '2026-11-27', 0, '2026-01-01', 0, NULL),
    ('rules_days', 1, 14,
     'Правило клиники: прочитать и подтвердить правила за 14 дней',
     'Клиника ережесі: қағидаларды 14 күнде оқып, растау',
     '', '2026-11-27', 0, '2026-01-01', 0, NULL),
    ('rules_months', 1, 12,
     'Правило клиники: подтверждать правила каждый год (94-V, ст. 25 п. 3)',
     'Клиника ережесі: қағидаларды жыл сайын растау (94-V, 25-бап 3-т.)',
     '', '2026-11-27', 0, '2026-01-01', 0, NULL),
    ('review_months', 1, 12,
     'Правило клиники: внутренний контроль раз в год (94-V, ст. 25 п. 3)',
     'Клиника ережесі: жылына бір рет ішкі бақылау (94-V, 25-бап 3-т.)',
     '', '2026-11-27', 0, '2026-01-01', 0, NULL);

INSERT INTO staff_rules (version, text_ru, text_kk, made_at, made_by) VALUES (1,
'1. Открывайте карту пациента только для работы: приёма, записи, звонка, обращения пациента.
2. Не обсуждайте пациентов вне работы и не называйте их при посторонних. Сам факт обращения в клинику — тайна медицинского работника (Кодекс РК 360-VI, ст. 273).
3. Не пересылайте данные в личные мессенджеры и почту, не снимайте экран. Выписки и документы выдавайте только через программу.
4. Входите только под своим именем. Пароль, PIN и коды не передавайте никому, отходя — блокируйте экран.
5. Перед тем как назвать или выдать данные, убедитесь, кто спрашивает.
6. Обращение пациента о его данных примите в тот же день через «Персональные данные» и передайте ответственному.
7. Заметили утечку, потерю, чужой вход — сообщите ответственному сразу: уведомить уполномоченный орган нужно за один рабочий день (94-V, ст. 25).
8. Каждое открытие карты, поиск и выгрузка записаны в журнал действий. За разглашение отвечают по закону и после увольнения.',
'1. Пациент картасын тек жұмыс үшін ашыңыз: қабылдау, жазу, қоңырау, пациенттің өтініші.
2. Пациенттер туралы жұмыстан тыс жерде айтпаңыз, бөгде адамдардың көзінше атын атамаңыз. Клиникаға жүгінгенінің өзі — медицина қызметкерінің құпиясы (ҚР 360-VI кодексі, 273-бап).
3. Деректерді жеке мессенджерлер мен поштаға жібермеңіз, экранды суретке түсірмеңіз. Үзінділер мен құжаттарды тек бағдарлама арқылы беріңіз.
4. Тек өз атыңызбен кіріңіз. Құпиясөзді, PIN-ді және кодтарды ешкімге бермеңіз, орныңыздан тұрсаңыз — экранды құлыптаңыз.
5. Деректерді атамас немесе бермес бұрын кім сұрап тұрғанына көз жеткізіңіз.
6. Пациенттің өз деректері туралы өтінішін сол күні «Дербес деректер» арқылы қабылдап, жауапты адамға беріңіз.
7. Деректердің сыртқа шығуын, жоғалуын, бөтен кіруді байқасаңыз — жауапты адамға бірден хабарлаңыз: уәкілетті органға бір жұмыс күнінде хабарлау керек (94-V, 25-бап).
8. Картаның әр ашылуы, іздеу және жүктеп алу әрекеттер журналына жазылады. Жария еткені үшін жұмыстан шыққаннан кейін де заң бойынша жауап береді.',
0, NULL);

-- The law of a refusal in Kazakh too, and who put a version in force.
ALTER TABLE refusal_basis ADD COLUMN basis_kk TEXT NOT NULL DEFAULT '';
ALTER TABLE refusal_basis ADD COLUMN made_at INTEGER NOT NULL DEFAULT 0; -- Unix ms; 0 for those shipped
ALTER TABLE refusal_basis ADD COLUMN made_by TEXT REFERENCES staff (id);
ALTER TABLE subject_request_step ADD COLUMN basis_kk TEXT NOT NULL DEFAULT ''; -- of a refusal, as it counted then

UPDATE refusal_basis SET basis_kk = CASE reason
    WHEN 'not_identified' THEN 'ҚР 94-V заңы, 24-бап: мәліметтер дербес деректер субъектісіне беріледі; өтініш берушінің жеке басы расталмады'
    WHEN 'not_authorised' THEN 'ҚР 94-V заңы, 24-бап; ҚР 360-VI кодексі, 273-бап: медицина қызметкерінің құпиясы; өкілдің өкілеттігі расталмады'
    WHEN 'obligation' THEN 'ҚР 94-V заңы, 8-бап 2-т.: заңға қайшы келсе немесе орындалмаған міндеттеме қалса, келісімді қайтарып алуға болмайды'
    WHEN 'kept_by_law' THEN 'ҚР 255-VIII Цифрлық кодексі, 41-бап 3-т.: заң сақтауға міндеттейтін деректер жойылмайды; оларды өңдеу тоқтатылады'
    WHEN 'no_data' THEN 'ҚР 94-V заңы, 24-бап: операторда өтініш берушінің деректері жоқ'
    ELSE 'ҚР 94-V заңы, 25-бап: деректерді өзгертуге, бұғаттауға немесе жоюға негіз жоқ, бұзушылық анықталмады' END;

CREATE TRIGGER refusal_basis_is_never_changed BEFORE UPDATE ON refusal_basis
BEGIN
    SELECT RAISE(ABORT, 'a basis gets a next version, it is not changed');
END;

CREATE TRIGGER refusal_basis_is_never_deleted BEFORE DELETE ON refusal_basis
BEGIN
    SELECT RAISE(ABORT, 'a basis is never deleted');
END;

-- The law of a term in Kazakh too.
ALTER TABLE legal_term ADD COLUMN basis_kk TEXT NOT NULL DEFAULT '';

DROP TRIGGER legal_term_is_never_changed;

UPDATE legal_term SET basis_kk = CASE code
    WHEN 'authority_notice' THEN 'ҚР 94-V заңы, 25-бап: анықталған сәттен бастап бір жұмыс күні ішінде уәкілетті органға хабарлау'
    WHEN 'subject_notice' THEN '481/НҚ бұйрығы: хабарламамен бірге субъектілерге хабарлау үшін олардың деректері беріледі — аты-жөні және (немесе) ЖСН және (немесе) телефон нөмірі'
    WHEN 'access' THEN 'ҚР 94-V заңы, 24–25-баптар: субъектінің сұрауы бойынша мәліметтер үш жұмыс күні ішінде'
    WHEN 'correction' THEN 'ҚР 94-V заңы, 25-бап: бір жұмыс күні ішінде өзгерту немесе толықтыру'
    WHEN 'blocking' THEN 'ҚР 94-V заңы, 25-бап: бір жұмыс күні ішінде бұғаттау; 179/НҚ бұйрығы: өтініш бойынша бұғаттау тәртібі'
    WHEN 'destruction' THEN 'ҚР 94-V заңы, 18, 25-баптар: заң сақтауға міндеттейтіннен басқасын бір жұмыс күні ішінде жою'
    WHEN 'withdrawal' THEN 'ҚР 94-V заңы, 8-бап 7-т.: өңдеуді он бес жұмыс күні ішінде тоқтату'
    ELSE 'ҚР 94-V заңы, 19-1-бап: автоматтандырылған шешімге қарсылыққа үш жұмыс күні ішінде жауап беру' END
WHERE made_by IS NULL;

CREATE TRIGGER legal_term_is_never_changed BEFORE UPDATE ON legal_term
BEGIN
    SELECT RAISE(ABORT, 'a term is replaced, not changed');
END;
