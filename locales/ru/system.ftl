system-title = Система
system-nav = Система
system-machine = Этот сервер
system-version = Версия
system-staff-url = Адрес для сотрудников
system-public-url = Адрес для пациентов
system-database = База данных
system-free = Свободно на диске
system-mib = { $n } МБ
system-work = Ждёт выполнения
system-failing = Не получается
system-checks = Самопроверка
system-checks-hint = Каждую ночь после четырёх часов; пропущенная ночь навёрстывается, когда сервер включён.
system-check-now = Проверить сейчас
system-checking = Идёт проверка…
system-what = Что проверяется
system-when = Когда
system-result = Найдено
system-took = { $ms } мс
system-found = { $n ->
    [0] ничего
    [one] { $n } нарушение
    [few] { $n } нарушения
   *[other] { $n } нарушений
}
system-stale = давно не проверялось
system-never = ещё не проверялось
system-check-overlaps = Двойные записи
system-check-overlaps-hint = Один врач, кресло или аппарат занят дважды в одно время; записи сверх времени, сделанные с причиной, не в счёт.
system-check-overlaps-todo = Так быть не может: база этого не пропускает. Откройте расписание, разведите записи и сообщите разработчику.
system-check-pages = Файл базы данных
system-check-pages-hint = Каждая страница файла такая, какой её записали.
system-check-pages-todo = Диск портится: скопируйте папку данных в другое место и восстановите последнюю копию.
system-check-ledger = Журнал действий
system-check-ledger-hint = Ни одна запись не изменена и не пропала; сверено с отметкой вне базы.
system-check-ledger-todo = Не работайте дальше: сообщите ответственному за данные и сверьте журнал с последней копией.
