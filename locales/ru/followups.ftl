# Повторные приёмы: кого и когда пригласить снова.
followups-title = Повторные приёмы
followups-nav = Повторные
followups-new = Повторный приём
followups-again = Когда прийти снова
followups-add = Назначить повторный приём
followups-set = Повторный приём
followups-when = Прийти через
followups-wait-7d = неделю
followups-wait-14d = 2 недели
followups-wait-1m = месяц
followups-wait-3m = 3 месяца
followups-wait-6m = полгода
followups-wait-12m = год
followups-wait-day = на дату
followups-day = Дата
followups-day-hint = Если указана, важна она, а не срок выше.
followups-service = Услуга
followups-doctor = Врач
followups-choose = Выбрать
followups-note = Для чего
followups-note-checkup = осмотр
followups-note-hygiene = гигиена
followups-note-continued = продолжение лечения
followups-note-healing = посмотреть заживление
followups-note-stitches = снять швы
followups-note-image = снимок
followups-note-brace = коррекция брекетов
followups-save = Сохранить
followups-cancel = Отмена
followups-error-patient = Выберите пациента
followups-error-service = Выберите услугу
followups-error-doctor = Выберите врача
followups-error-impossible = Этот врач такую услугу не оказывает
followups-error-wait = Выберите срок или укажите дату
followups-error-day = Дату пишут так: 25.11.2026
followups-error-past = Дата должна быть позже сегодняшней
followups-error-far = Не больше чем на три года вперёд
followups-views = Показать
followups-shown-due = Позвонить сейчас
followups-shown-open = Все без записи
followups-shown-booked = Записаны
followups-shown-closed = Закрытые
followups-filter = Отбор
followups-show = Показать
followups-all = Все
followups-said = { $name }, { $day }
followups-book = Записать
followups-close = Закрыть
followups-why = Почему записи не будет
followups-reopen = Вернуть
followups-state-booked = записан
followups-late = { $days ->
    [one] просрочен { $days } день
    [few] просрочен { $days } дня
   *[other] просрочен { $days } дней
}
followups-now = пора позвонить
followups-later = ещё рано
followups-lapse-cancelled = запись отменена
followups-lapse-no-show = не пришёл
followups-reason-declined = пациент отказался
followups-reason-elsewhere = лечится в другой клинике
followups-reason-not-needed = больше не нужно
followups-reason-unreachable = не дозвонились
followups-reason-came = уже приходил
followups-reason-mistake = ошибка
followups-none-due = Звонить некому
followups-none-open = Никого без записи
followups-none-booked = Никто не записан
followups-none-closed = Закрытых нет
followups-none-text = Повторный приём назначают из записи или из карты пациента.
followups-patient-none = Повторных приёмов не назначено.
followups-today = { $count ->
    [one] Пригласить на повторный приём: { $count } пациент
    [few] Пригласить на повторный приём: { $count } пациента
   *[other] Пригласить на повторный приём: { $count } пациентов
}
followups-today-open = Кому звонить
followups-impossible = Этот врач такую услугу не оказывает
followups-impossible-hint = Вернитесь и выберите другого врача или услугу.
followups-changed = Это уже изменили
followups-changed-hint = Кто-то записал пациента или закрыл задачу. Откройте список ещё раз.
followups-no-reason = Не выбрана причина
followups-no-reason-hint = Вернитесь и выберите, почему записи не будет.
