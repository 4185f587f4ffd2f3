# Врача не будет: что с его пациентами
absences-title = Врача нет
absences-new = Врача не будет
absences-path = Путь
absences-lead = Часы сразу уйдут из расписания. Записи останутся, пока пациент не выберет другое время или вы не перенесёте его сами.
absences-doctor = Кого не будет
absences-first-day = С какого дня
absences-last-day = По какой день
absences-last-day-hint = Пусто — один день
absences-part = Часть дня
absences-part-hint = Пусто — весь день
absences-from = С
absences-until = До
absences-reason = Причина
absences-reason-sick = Заболел
absences-reason-personal = По личным делам
absences-reason-training = Учёба
absences-reason-other = Другое
absences-save = Отметить и показать записи
absences-cancel = Отмена
absences-error-doctor = Выберите врача
absences-error-day = День пишется так: 25.11.2026
absences-error-past = Этот день уже прошёл
absences-error-days = Последний день раньше первого, или период больше 60 дней
absences-error-hours = Время пишется так: 9:30, и конец позже начала
absences-all-day = весь день
absences-open = В работе
absences-none = Всё спокойно
absences-none-text = Когда врач заболеет, отметьте это здесь: увидите всех его пациентов и предложите каждому другое время.
absences-closed = Завершённые
absences-left = { $count ->
    [0] все записи разобраны
    [one] { $count } запись без врача
    [few] { $count } записи без врача
   *[other] { $count } записей без врача
}
absences-unheld = Записи у отсутствующих врачей
absences-unheld-text = Врача в это время нет, а записи остались. Откройте и предложите пациентам другое время.
absences-take-on = Разобрать
absences-look = Открыть
absences-visits = Пациенты
absences-no-visits = На это время никто не записан
absences-no-visits-text = Часы убраны из расписания, больше делать ничего не нужно.
absences-state-open = Ничего не сделано
absences-state-told = Написали, ждём ответа
absences-state-not_told = Не написали
absences-state-called = Позвонили
absences-state-moved = Перенесён
absences-state-chose = Сам выбрал время
absences-state-cancelled = Отменён
absences-state-settled = Приём состоялся
absences-why-not-wanted = Просил не писать
absences-why-no-phone = Нет мобильного номера
absences-why-blocked = Данные пациента заблокированы
absences-blocked-hint = Этим визитом занимается тот, кто отвечает за персональные данные
absences-why-cancelled = Записи уже нет
absences-why-moved = Запись уже перенесена
absences-why-answered = Приём уже начался
absences-why-written = Уже писали или приём начался
absences-call = Позвоните
absences-was = Было
absences-now = Стало
absences-nearest = Ближайшее такое же время
absences-nothing-free = Свободного времени нет в ближайшие недели: позвоните и договоритесь.
absences-move-here = Перенести
absences-mark-called = Позвонили
absences-tell = Написать отмеченным
absences-tell-hint = Придёт ссылка: пациент сам выберет время у этого или другого врача. Ничего не отменяется само.
absences-choose = Отметить: { $name }
absences-told-done = { $told ->
    [0] Никому не написали
   *[other] Написали: { $told }
}
absences-told-not = не написали: { $count }, позвоните им
absences-close = Завершить
absences-close-hint = Останутся без решения: { $count }. Они будут видны на странице «Сегодня», пока не перенесёте их.
absences-closed-at = Завершено { $at }
absences-taken = Это время уже заняли
absences-taken-hint = Выберите другое из обновлённого списка.
absences-back = Врач снова на месте? Отмените отсутствие в его часах.
absences-hours = Часы врача
absences-already-closed = Уже завершено
absences-already-closed-hint = Кто-то завершил это раньше. Обновите страницу.
absences-today = { $count ->
    [one] { $count } запись у врача, которого не будет
    [few] { $count } записи у врачей, которых не будет
   *[other] { $count } записей у врачей, которых не будет
}
absences-today-open = Разобрать
