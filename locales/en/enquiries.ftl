## "Call me back" on the clinic's site
enquiry-link = Not found what you need? We call you back
enquiry-title = Call me back
enquiry-hint = Leave your name and number. The reception calls in working hours and finds a day that suits you.
enquiry-name = What shall we call you
enquiry-about = What it is about, and when to call
enquiry-about-hint = For example: cleaning, after six. No need to write about illnesses here.
enquiry-send = I wait for a call
enquiry-sending = Sending…
enquiry-done = Thank you! We will call
enquiry-done-hint = The reception has your request. If it is urgent, call us.
enquiry-book = Book by myself
enquiry-capped = There are many such requests today. Please call us.
enquiry-error-name = Write what we shall call you
enquiry-error-long = Too long: write it shorter
enquiry-error-consent = Without the consent we cannot note your number
enquiry-error-old = The page was open for a long time. Press “I wait for a call” again.
