# Письма: своим сотрудникам и тем, кто хранит контрольные точки
mail-title = Электронная почта
mail-none = Почтовый сервер не настроен.
mail-none-hint = Письма ждут в очереди и уйдут, когда сервер появится, если ещё будут нужны.
mail-saved = Настройки почты сохранены.
mail-server = Через какой сервер отправлять
mail-host = Сервер
mail-host-hint = Например: smtp.mail.ru, smtp.yandex.ru или сервер клиники
mail-tls = Шифрование
mail-tls-implicit = TLS сразу
mail-tls-starttls = STARTTLS
mail-tls-none = Без шифрования
mail-tls-hint = Без шифрования — только если сервер на этом же компьютере.
mail-port = Порт
mail-port-hint = Обычно 465 для «TLS сразу», 587 для STARTTLS
mail-username = Логин
mail-username-hint = Обычно это сам адрес. Пусто, если сервер не спрашивает.
mail-password = Пароль
mail-password-hint = У mail.ru, Яндекса и Google нужен отдельный пароль для приложений.
mail-password-kept = Сохранён и не показывается. Пусто — останется прежний; для другого сервера, порта, шифрования или логина введите заново.
mail-sender = Адрес отправителя
mail-sender-hint = С этого адреса приходят письма; название клиники добавится само.
mail-ca = Сертификат своего центра
mail-ca-hint = Текст PEM, если у почтового сервера клиники собственный центр сертификации. Тогда доверяем только ему.
mail-health = Состояние
mail-health-asking = Спрашиваем сервер…
mail-health-again = Проверить ещё раз
mail-health-well = Отвечает, письма принимает
mail-trial = Пробное письмо
mail-trial-address = Адрес
mail-trial-hint = Ваш собственный адрес: на него уйдёт одно короткое письмо.
mail-trial-send = Отправить пробное
mail-trial-sent = Письмо в очереди. Ответ сервера появится ниже.
mail-letters = Последние письма
mail-letters-none = Писем ещё не было
mail-letters-none-hint = Здесь будет видно, что ушло, кому и что ответил сервер. Хранятся год.
mail-when = Когда
mail-what = Что
mail-to = Кому
mail-became = Что с ним
mail-actions = Действия
mail-next = следующая попытка { $at }
mail-again = Отправить ещё раз
mail-again-unsure = Отправить ещё раз (может прийти дважды)
mail-kind-trial = Пробное письмо
mail-kind-code = Код для адреса
mail-kind-moved = Адрес изменён
mail-kind-emergency = Экстренный доступ
mail-kind-checkpoint = Контрольная точка журнала
mail-kind-farewell = Письма прекращены
mail-state-queued = В очереди
mail-state-sending = Отправляется
mail-state-accepted = Принято сервером
mail-state-failed = Не принято
mail-state-uncertain = Неизвестно
mail-state-expired = Устарело
mail-state-withheld = Не отправлено намеренно
mail-why-unreachable = Сервер не отвечает. Проверьте имя, порт и доступ в интернет.
mail-why-nobodys = По этому адресу почтового сервера быть не может. Без шифрования — только на этом же компьютере.
mail-why-not-smtp = Там отвечает не почтовый сервер. Проверьте порт и шифрование.
mail-why-no-tls = Не удалось включить шифрование. Проверьте порт: 465 — TLS сразу, 587 — STARTTLS.
mail-why-certificate = Сертификату сервера нельзя верить: чужое имя, истёк срок или неизвестный центр.
mail-why-credentials = Сервер не принял логин или пароль.
mail-why-no-auth = Сервер не предлагает вход по логину и паролю.
mail-why-unwelcome = Сервер отказался разговаривать.
mail-why-sender = Сервер не принимает письма с этого адреса отправителя.
mail-why-recipient = Сервер не знает такого получателя или не берёт для него писем.
mail-why-content = Сервер отклонил письмо.
mail-why-busy = Сервер попросил подождать, попробуем ещё раз.
mail-why-silent = Сервер замолчал, не приняв письма.
mail-why-no-answer = Письмо ушло, но ответа не было: могло дойти, могло нет. Само оно повторно не отправится.
mail-why-worker-died = Программа остановилась во время отправки: письмо могло дойти. Само оно повторно не отправится.
mail-why-too-late = Не успело, пока было нужно.
mail-why-reviewed = Доступ уже проверен.
mail-why-replaced = Запрошен другой код.
mail-why-not-wanted = Получатель больше не получает таких писем или у него нет адреса.
mail-error-needed = Заполните это поле
mail-error-host = Это не имя сервера. Например: smtp.mail.ru, без https:// и порта
mail-error-port = Порт — число от 1 до 65535, обычно 465 или 587
mail-error-tls = Без шифрования можно только на этот же компьютер (localhost)
mail-error-address = Это не похоже на адрес почты. Например: aigul@clinic.kz
mail-error-ca = Это не сертификат центра. Вставьте текст целиком, от BEGIN до END CERTIFICATE
mail-error-password = Введите пароль этого логина
mail-error-name = Напишите имя или название, до 80 знаков
mail-error-known = Этот адрес уже получает контрольные точки
mail-error-known-hint = Откройте список ещё раз.
mail-error-server = Настройки почты не подходят
mail-error-server-hint = Проверьте каждое поле.
mail-error-too-soon = Код только что отправлен. Новый можно запросить через минуту.
mail-error-code-wrong = Код не подходит. Проверьте цифры в письме.
mail-error-code = Этот код больше не действует. Запросите новый.
mail-error-code-hint = Код действует 30 минут и пять попыток.
mail-own = Почта для уведомлений
mail-own-text = Сюда приходят важные уведомления: об экстренном доступе к картам и контрольные точки журнала. Данных пациентов в письмах нет.
mail-own-open = Указать свой адрес
mail-own-address = Ваш адрес
mail-own-none = Адреса пока нет.
mail-own-since = подтверждён { $at }
mail-own-forget = Убрать
mail-own-new = Новый адрес
mail-own-new-hint = На него придёт код. Прежний адрес действует, пока новый не подтверждён, и получит письмо о замене.
mail-own-send-code = Отправить код
mail-own-code-title = Подтверждение
mail-own-waits = Код отправлен на
mail-own-code = Код из письма
mail-own-code-hint = Шесть цифр, действуют 30 минут
mail-own-confirm = Подтвердить
mail-own-asked = Код отправлен. Если письма нет, загляните в «Спам».
mail-own-confirmed = Адрес подтверждён.
mail-own-forgotten = Адрес убран, уведомлений по почте не будет.
mail-own-no-server = Код отправить нечем: попросите владельца или администратора настроить почту.
mail-witnesses = Кому уходят контрольные точки
mail-witnesses-text = Каждое такое письмо — подписанный хеш журнала доступа без данных пациентов. Кто хранит его вне клиники, докажет, если журнал позже изменят.
mail-witnesses-no-server = Пока почта не настроена, контрольные точки никому не уходят.
mail-outside = Вне клиники
mail-outside-none = Никто вне клиники их не получает
mail-outside-none-hint = Добавьте аудитора, юриста или адрес другого юридического лица, до которого не дотянется администратор этого сервера.
mail-outside-name = Имя или название
mail-outside-name-hint = Например: аудитор, юрист, головная компания
mail-outside-address = Адрес
mail-outside-address-hint = Почта на чужом сервере: свою администратор может вычистить
mail-outside-every = Как часто
mail-outside-language = Язык писем
mail-outside-last = Последняя принята
mail-outside-not-yet = ещё не было
mail-outside-end = Прекратить
mail-outside-before = Получали раньше
mail-outside-add = Добавить получателя
mail-outside-add-do = Добавить
mail-outside-added = Получатель добавлен. Первая контрольная точка уйдёт в течение минуты.
mail-outside-ended = Больше не отправляем. Получатель узнает об этом из письма.
mail-every-day = раз в день
mail-every-week = раз в неделю
mail-officers = В клинике
mail-officers-hint = Владелец и ответственный за данные получают их каждый день, когда подтвердят свой адрес.
mail-officer-none = адрес не подтверждён
mail-officer-missing = нет адреса
mail-letter-trial-subject = Проверка почты: { $clinic }
mail-letter-trial-body =
    Это пробное письмо: почта клиники настроена и работает.
    Отвечать не нужно.
mail-letter-code-subject = Код подтверждения адреса: { $clinic }
mail-letter-code-body =
    Ваш код: { $code }

    Введите его на странице «Почта для уведомлений». Код действует 30 минут.
    Если вы его не запрашивали, ничего не делайте и сообщите ответственному за данные.
mail-letter-moved-subject = Адрес для уведомлений изменён: { $clinic }
mail-letter-moved-body =
    На этот адрес уведомления больше не приходят: в учётной записи указан другой или адрес убран.

    Если это сделали не вы, немедленно смените пароль и сообщите ответственному за данные.
mail-letter-emergency-subject = Экстренный доступ к карте: { $clinic }
mail-letter-emergency-body =
    { $day } в { $time } сотрудник с ролью «{ $role }» открыл карту пациента по экстренному доступу.
    Причина: { $cause }.

    Кто, чью карту и почему, видно только в программе. Посмотрите и дайте оценку:
    { $link }

    Доступ нужно проверить в течение трёх дней. Проверяет не тот, кто его открыл.
mail-letter-farewell-subject = Контрольные точки больше не приходят: { $clinic }
mail-letter-farewell-body =
    Клиника «{ $clinic }» прекратила отправлять контрольные точки журнала доступа на этот адрес.

    Сохраните полученные раньше: они и дальше доказывают, каким журнал был.
    Если это для вас неожиданно, спросите владельца клиники.
