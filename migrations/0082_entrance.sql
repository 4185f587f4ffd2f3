-- How the clinic's door is found: «Вход со двора, 2 этаж».
ALTER TABLE clinic ADD COLUMN entrance_ru TEXT NOT NULL DEFAULT ''; -- '' until it is given
ALTER TABLE clinic ADD COLUMN entrance_kk TEXT NOT NULL DEFAULT ''; -- '' where it is the same
