audit-title = Журнал доступа
audit-subtitle = кто, когда и откуда открывал данные
audit-export = Выгрузить
audit-ledger = Цепочка записей
audit-whole = Цепочка цела
audit-broken = Цепочка нарушена
audit-broken-hint = Ничего не меняйте на сервере: сохраните последнюю резервную копию и сообщите владельцу.
audit-size = { $count ->
    [one] { $count } запись подряд
    [few] { $count } записи подряд
   *[other] { $count } записей подряд
}
audit-verify = Проверить
audit-last-check = Последняя проверка
audit-just-now = только что, { $ms } мс
audit-not-yet = нажмите «Проверить»
audit-root = Хэш вершины
audit-looks = Просмотры данных
audit-today = сегодня
audit-looks-total = { $count ->
    [0] Сегодня данные пациентов ещё не открывали
    [one] { $count } просмотр сегодня
    [few] { $count } просмотра сегодня
   *[other] { $count } просмотров сегодня
}
audit-filters = Фильтры журнала
audit-from = С
audit-until = По
audit-person = Сотрудник
audit-anybody = Все сотрудники
audit-card = № карты
audit-action = Действие
audit-anything = Любое
audit-show = Показать
audit-entries = Записи
audit-newest-first = новые сверху
audit-unchangeable = Журнал нельзя изменить или удалить
audit-when = Время
audit-object = Объект
audit-where = Откуда
audit-number = № / хэш
audit-system = Система
audit-card-number = Карта № { $number }
audit-people = { $count ->
    [one] { $count } человек в списке
    [few] { $count } человека в списке
   *[other] { $count } человек в списке
}
audit-older = Старше
audit-none = Ничего не найдено
audit-none-hint = Снимите часть фильтров или расширьте период.
audit-reset = Сбросить фильтры
audit-error-day = Такой даты нет. Пример: 23.11.2026
audit-error-card = Номер карты состоит из цифр
audit-fault-altered = Запись { $seq } изменена после того, как была сделана.
audit-fault-missing = Записи { $seq } нет, или на её месте другая.
audit-fault-rewritten = Записи и их хэши переписаны вместе.
audit-fault-rolled-back = Конец журнала отрезан или возвращена старая база.
audit-fault-history = Внешняя отметка видела другие записи.
audit-act-patient-viewed = Открыта карта
audit-act-patient-iin-shown = Показан ИИН
audit-act-patient-registered = Заведена карта
audit-act-patient-edited = Изменена карта
audit-act-patients-found = Поиск пациентов
audit-act-patients-listed = Список пациентов
audit-act-permission-denied = Отказ в доступе
audit-act-session-started = Начат сеанс
audit-act-session-ended = Выход
audit-act-session-all-ended = Выход везде
audit-act-session-locked = Экран заблокирован
audit-act-session-unlocked = Экран разблокирован
audit-act-sign-in-succeeded = Вход выполнен
audit-act-sign-in-failed = Неудачный вход
audit-act-password-changed = Сменён пароль
audit-act-staff-added = Добавлен сотрудник
audit-act-staff-reset = Сброшен вход сотрудника
audit-act-staff-left = Сотруднику закрыт доступ
audit-act-audit-reviewed = Просмотр журнала
audit-act-audit-exported = Выгрузка журнала
audit-act-audit-verified = Проверка цепочки
audit-concerns = Спросить в первую очередь
audit-last-day = за 24 часа
audit-no-concerns = Отказов, неудачных входов и выгрузок не было
audit-nav = Контроль
