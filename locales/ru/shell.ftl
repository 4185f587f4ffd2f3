# The frame of every page, and words shared by all of them.
shell-skip = К содержанию
shell-nav = Разделы
shell-more = Ещё
shell-new-items = новых
shell-find = Телефон, ФИО, ИИН или № карты
shell-found = Найденные пациенты
shell-language = Язык
shell-lang-ru = РУС
shell-lang-kk = ҚАЗ
shell-lang-en = ENG
shell-lang-ru-full = Русский
shell-lang-kk-full = Қазақша
shell-lang-en-full = English
shell-theme = Светлая или тёмная тема
shell-profile = Профиль
shell-role-owner = владелец
shell-role-reception = администратор
shell-role-doctor = врач
shell-role-marketer = маркетолог
shell-role-cashier = кассир
shell-role-compliance = комплаенс
shell-role-sysadmin = системный администратор
shell-account = Мой вход и пароль
shell-lock = Заблокировать экран
shell-sign-out = Выйти
shell-tagline = Регистратура клиники
shell-help = Не получается войти? Обратитесь к владельцу или системному администратору клиники.
shell-understood = Понятно
shell-close = Закрыть
shell-undo = Отменить
shell-optional = необязательно
shell-calendar = Календарь
shell-file-choose = Выбрать файл
shell-files-choose = Выбрать файлы
shell-file-none = Файл не выбран
shell-errors = { $count ->
    [one] Исправьте { $count } поле:
    [few] Исправьте { $count } поля:
   *[other] Исправьте { $count } полей:
  }
shell-pages = Страницы
shell-previous = Назад
shell-next = Дальше
shell-page-of = { $page } из { $pages }
shell-steps = Шаги
shell-step-done = готово
shell-support-code = Код для поддержки:

shell-live-on = Онлайн
shell-live-off = Нет связи — данные на { $time }
shell-lost = Нет связи с сервером клиники.
shell-lost-since = Данные на
shell-lost-hint = Читать можно, изменения пока не сохраняются.
shell-not-saved = Нет связи с сервером клиники. Изменение не сохранено.
shell-timeout = Сервер не ответил за 15 секунд. Проверьте и повторите.
shell-failed = Не получилось. Обновите страницу и повторите.

shell-status-booked = Не подтверждена
shell-status-confirmed = Подтверждена
shell-status-arrived = В клинике
shell-status-in_treatment = На приёме
shell-status-completed = Завершена
shell-status-no_show = Неявка
shell-status-cancelled = Отменена
shell-status-moved = Перенесена
shell-status-held = Ждёт ответа

shell-flag-allergy = Аллергия
shell-flag-new = Первичный
shell-flag-debt = Долг
shell-flag-no_shows = Неявки
shell-flag-no_consent = Нет согласия
shell-flag-child = Ребёнок

shell-delivery-queued = В очереди
shell-delivery-sent = Отправлено
shell-delivery-delivered = Доставлено
shell-delivery-failed = Не доставлено
shell-delivery-uncertain = Неизвестно, дошло ли

shell-keys = Горячие клавиши
shell-keys-hint = Работают в любой раскладке. Одиночные клавиши не действуют, пока вы печатаете в поле.
shell-key-find = Поиск пациента
shell-key-new = Новая запись
shell-key-today = Сегодня
shell-key-schedule = Расписание
shell-key-patients = Пациенты
shell-key-walk = Ходить по записям в расписании
shell-key-move = Перенести запись: стрелки — 15 минут или другой врач, Shift со стрелками — длительность, Enter — сохранить, Esc — вернуть
shell-key-again = Ещё приём у этого врача: ближайшее время
shell-key-wait = В лист ожидания с тем, что выбрано
shell-key-open = Открыть запись
shell-key-send = Отправить форму
shell-key-back = Закрыть панель или окно
shell-key-help = Эта подсказка
