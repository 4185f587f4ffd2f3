duplicates-title = Похожие карты
duplicates-look = Искать по всем картам
duplicates-found = { $count ->
    [0] Новых похожих карт не нашлось.
    [one] Нашлась { $count } новая пара похожих карт.
    [few] Нашлись { $count } новые пары похожих карт.
   *[other] Нашлось { $count } новых пар похожих карт.
}
duplicates-none = Похожих карт нет
duplicates-none-hint = Они появляются после загрузки таблиц или поиска по всем картам.
duplicates-score = сходство { $percent } %
duplicates-births-differ = даты рождения различаются
duplicates-side-by-side = Две карты рядом
duplicates-visits = Визитов
duplicates-last-visit = Последний визит
duplicates-merge-open = Объединить…
duplicates-apart = Это разные люди
duplicates-merge = Объединение карт
duplicates-question = Это один человек?
duplicates-choose = Что останется в карте
duplicates-kept = Какая карта остаётся
duplicates-kept-one = { $visits ->
    [one] № { $number } · { $visits } визит
    [few] № { $number } · { $visits } визита
   *[other] № { $number } · { $visits } визитов
}
duplicates-kept-hint = Номер другой карты будет вести сюда же.
duplicates-first-phone = Основной телефон (остальные тоже сохранятся)
duplicates-both = Оба
duplicates-empty = пусто
duplicates-all-moves = Визиты, сообщения, согласия и запреты на уничтожение обеих карт окажутся в одной. Подписанные согласия не меняются.
duplicates-merge-now = Объединить карты
duplicates-changed = Одну из карт только что изменили. Проверьте ещё раз и нажмите «Объединить карты».
duplicates-two-people = У карт разные действительные ИИН: это два человека, объединить их нельзя.
duplicates-two-people-hint = Если ИИН записан с ошибкой, сначала исправьте его в карте.
duplicates-of-card = Похожие на эту карту
duplicates-back = Карта пациента
duplicates-card-none = Похожих карт не найдено
duplicates-find-other = Найти другую карту этого человека
duplicates-on-card = { $count ->
    [one] Есть похожая карта: возможно, это тот же человек.
   *[other] Есть похожие карты ({ $count }): возможно, это тот же человек.
}
duplicates-look-at = Сравнить
