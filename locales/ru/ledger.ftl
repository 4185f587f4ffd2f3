ledger-title = Состояние журнала
ledger-nav = Журнал
ledger-path = Где вы находитесь
ledger-more = контрольные точки
ledger-sheet = Лист закрытия дня
ledger-never = Ни одна контрольная точка не вынесена с этого компьютера
ledger-never-hint = Тот, у кого есть доступ к серверу, мог бы незаметно переписать журнал. Распечатайте лист закрытия дня, подпишите и подшейте его или отправьте запись кому-нибудь.
ledger-overdue = Последняя вынесенная контрольная точка старше 26 часов
ledger-overdue-hint = Всё записанное после неё защищает только этот компьютер. Распечатайте лист закрытия дня или заберите запись.
ledger-stuck = Журнал не подписывался больше часа
ledger-stuck-hint = Сервер был выключен, или записи больше не приводят к корню. Нажмите «Проверить», а если всё цело — «Подписать сейчас».
ledger-walking = Идёт проверка журнала
ledger-walked = { $done } из { $total } записей
ledger-stop = Остановить
ledger-look-again = Обновить
ledger-took = { $ms } мс
ledger-was-whole = цепочка была цела
ledger-was-broken = цепочка была нарушена
ledger-never-checked = ещё не было
ledger-proven = Подтверждено контрольной точкой
ledger-proven-rows = { $count ->
    [one] первая { $count } запись
    [few] первые { $count } записи
   *[many] первые { $count } записей
}
ledger-proven-none = пока ничего
ledger-redacted = Стёрто по акту
ledger-jumps = Часы переводились назад без объяснения перед записями: { $rows }
ledger-fault-reordered = Записи { $seq } и { $with } поменяли местами.
ledger-fault-swapped = Запись { $seq } стоит на чужом месте.
ledger-fault-inserted = Под номером { $seq } вставлена лишняя запись.
ledger-fault-unlogged = Есть данные, о которых журнал ничего не знает: их внесли в обход программы.
ledger-anchors = Вынесено наружу
ledger-anchor-sheet = Лист закрытия дня
ledger-anchor-mail = Письмо
ledger-anchor-file = Запись файлом
ledger-anchor-folder = Папка или флешка
ledger-anchor-backup = Резервная копия
ledger-anchor-none = ещё не было
ledger-up-to = до записи { $size }
ledger-age-minutes = { $n } мин
ledger-age-hours = { $n } ч
ledger-age-days = { $n } дн
ledger-folder = Папка для контрольных точек
ledger-folder-path = Папка на сервере
ledger-folder-hint = Подключённая флешка или сетевая папка, например /srv/clinic-checkpoints. Раз в день туда дописывается последняя контрольная точка. Пусто — не писать.
ledger-folder-set = Сохранить
ledger-folder-bad = Такой папки нет или в неё нельзя писать. Подключите флешку и укажите полный путь.
ledger-folder-same-disk = Эта папка на том же диске, что и данные клиники: она ни от чего не защищает.
ledger-folder-write = Записать сейчас
ledger-checkpoints = Контрольные точки
ledger-checkpoints-hint = это подписанный хеш: без имён и номеров пациентов
ledger-keys = Ключи для проверки
ledger-seal = Подписать сейчас
ledger-rows = Записей
ledger-cause = Почему
ledger-take = Забрать
ledger-note = Файл
ledger-letter = Письмо
ledger-proof = Доказательство
ledger-no-checkpoints = Контрольных точек ещё нет
ledger-no-checkpoints-hint = Первая появится в течение минуты после того, как что-нибудь произойдёт.
ledger-cause-clock = по часам
ledger-cause-growth = тысяча записей
ledger-cause-day = конец дня
ledger-cause-backup = резервная копия
ledger-cause-restore = восстановление
ledger-cause-keys = смена ключей
ledger-cause-consent = подписанное согласие
ledger-cause-asked = по запросу
ledger-print = Печать
ledger-sheet-title = Лист закрытия дня журнала доступа
ledger-sheet-text = В указанное время журнал доступа содержал записей: { $size }, корневой хеш приведён ниже. Если любую из этих записей позже изменят, удалят или вставят новую, журнал перестанет приводить к этому хешу, и этот лист это докажет.
ledger-key = Отпечаток ключа
ledger-sheet-check = Как проверить без этой программы: /usr/share/doc/tirkeu/verify-checkpoint.md. В коде та же запись, что и в тексте. Подпишите лист и храните его вне серверной.
ledger-sheet-name = Распечатал(а)
ledger-sheet-signature = Подпись и дата
ledger-letter-subject = Контрольная точка журнала доступа, записей:
ledger-letter-text = Сохраните это письмо: в нём подписанный хеш журнала доступа клиники и никаких персональных данных. С ним можно доказать, что журнал позже изменили.
audit-actor-job-audit = Контрольные точки
audit-actor-job-clock = Часы
audit-act-audit-checkpoint-signed = Подписана контрольная точка
audit-act-audit-anchored = Контрольная точка вынесена
audit-act-audit-anchor-folder-set = Задана папка для контрольных точек
audit-act-time-jump = Часы перевели назад
ledger-mail-subject = Контрольная точка журнала доступа, записей: { $size } · { $clinic }
ledger-mail-text =
    Сохраните это письмо: в нём подписанный хеш журнала доступа клиники «{ $clinic }» и никаких персональных данных.
    Если журнал позже изменят, с ним можно это доказать, даже если изменил администратор сервера.

    Проверить: сохраните вложенный файл и выполните
      tirkeu audit verify --checkpoint ФАЙЛ
    или без программы клиники, одним openssl: docs/verify-checkpoint.md.
    Отпечаток ключа (SHA-256): { $fingerprint }
    Если письма перестали приходить, спросите клинику почему.
