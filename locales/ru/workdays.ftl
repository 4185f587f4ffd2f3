# The working calendar and the terms of the law.
workdays-desk = Персональные данные
workdays-nav = Персо­нальные данные
workdays-title = Рабочий календарь
workdays-terms = Сроки по закону
workdays-months = Рабочие дни по месяцам
workdays-month = Месяц
workdays-days = Рабочих дней
workdays-hours = Часов
workdays-year = За год
workdays-month-1 = Январь
workdays-month-2 = Февраль
workdays-month-3 = Март
workdays-month-4 = Апрель
workdays-month-5 = Май
workdays-month-6 = Июнь
workdays-month-7 = Июль
workdays-month-8 = Август
workdays-month-9 = Сентябрь
workdays-month-10 = Октябрь
workdays-month-11 = Ноябрь
workdays-month-12 = Декабрь
workdays-special = Праздники и переносы
workdays-special-none = Особых дней нет
workdays-day = День
workdays-what = Что
workdays-kind = Каким считать
workdays-kind-working = рабочий
workdays-kind-worked = рабочий по переносу
workdays-kind-holiday = выходной
workdays-kind-weekend = выходной
workdays-estimated = по расчёту
workdays-week = Рабочая неделя
workdays-week-12345 = Понедельник – пятница
workdays-week-123456 = Понедельник – суббота
workdays-week-hint = По этим часам идёт обратный отсчёт сроков. Часы приёма врачей — в настройках клиники.
workdays-starts = Начало
workdays-ends = Конец
workdays-break-starts = Перерыв с
workdays-break-ends = Перерыв до
workdays-saturday = Суббота рабочая
workdays-from = Действует с
workdays-from-hint = Сегодня или позже; прежнее остаётся в истории
workdays-save-week = Сохранить неделю
workdays-words = Переносы и подвижные праздники
workdays-words-hint = Постановление правительства о переносе дней и день Курбан айта, объявленный ДУМК. Запись не стирается: новая действует вместо старой.
workdays-word-off = выходной
workdays-word-work = рабочий
workdays-word-by_rule = как по правилу
workdays-why = Почему
workdays-basis = Основание: закон, приказ, постановление
workdays-source = Где прочитано
workdays-checked = проверено { $date }
workdays-save-day = Добавить день
workdays-unconfirmed = проверьте с юристом
workdays-confirmed = подтверждено юристом
workdays-term = Срок
workdays-actions = Действия
workdays-change = Изменить
workdays-open = Открыть
workdays-terms-none = Сроков пока нет
workdays-terms-hint = Срок считается со следующего рабочего дня и кончается с концом рабочего времени последнего дня.
workdays-term-authority_notice = Уведомить уполномоченный орган о нарушении
workdays-term-subject_notice = Передать данные для извещения людей
workdays-term-access = Ответить на запрос сведений
workdays-term-correction = Исправить данные
workdays-term-blocking = Заблокировать данные
workdays-term-destruction = Уничтожить данные
workdays-term-withdrawal = Прекратить обработку после отзыва согласия
workdays-term-objection = Ответить на возражение против автоматического решения
workdays-n-days = { $n ->
    [one] { $n } рабочий день
    [few] { $n } рабочих дня
   *[other] { $n } рабочих дней
}
workdays-history = История срока
workdays-shipped = поставляется с системой
workdays-new-version = Новая редакция
workdays-field-days = Рабочих дней
workdays-field-checked = Когда проверено
workdays-field-confirmed = Подтверждено юристом клиники
workdays-proof = Подтвердите, что это вы
workdays-proof-hint = Если у вас включён второй фактор
workdays-save = Ввести в действие
workdays-left-time = осталось { $hours } ч { $minutes } мин рабочего времени
workdays-left-late = просрочено на { $hours } ч { $minutes } мин рабочего времени
workdays-left-days = { $n ->
    [0] сегодня последний день
    [one] остался { $n } рабочий день
    [few] осталось { $n } рабочих дня
   *[other] осталось { $n } рабочих дней
}
workdays-late-days = { $n ->
    [0] срок истёк сегодня
    [one] просрочено на { $n } рабочий день
    [few] просрочено на { $n } рабочих дня
   *[other] просрочено на { $n } рабочих дней
}
workdays-error-day = Такой даты нет. Пример: 08.05.2027
workdays-error-from = Укажите сегодняшнюю дату или позже
workdays-error-basis = Напишите основание, не длиннее 500 знаков
workdays-error-source = Не длиннее 500 знаков
workdays-error-hours = Конец должен быть позже начала. Пример: 09:00 и 18:00
workdays-error-break = Перерыв должен лежать внутри рабочего дня, оба поля
workdays-error-days = Число рабочих дней от 1 до 250
workdays-error-checked = Дата проверки — сегодня или раньше
workdays-error-proof = Пароль или код не подходит
workdays-error-proof-soon = Слишком много попыток. Подождите минуту
workdays-changed = Кто-то уже изменил это.
workdays-changed-hint = Откройте страницу заново: там новая редакция.
workdays-basis-ru = Основание по-русски
workdays-basis-kk = Основание по-казахски
