# Every text that the apps show, in English. Other languages have the same ids (a test compares).
# A name in braces with a dollar sign is filled in by the app.

rider-app-name = Wayfare
driver-app-name = Wayfare Driver
admin-app-name = Wayfare Admin

## Login: the phone number

login-phone-heading = Sign in
login-phone-lead = We text you a code. There is no password.
login-phone-label = Phone number
login-phone-hint = With the country code, such as +351 912 345 678
login-phone-submit = Text me a code

login-sending-heading = Asking for a code
login-sending-lead = For { $phone } · { $seconds } s
login-sending-cancel = Change the number

## Login: the code

login-code-heading = Enter the code
login-code-lead = Sent by text message to { $phone }
login-code-label = Code of { $length } digits
login-code-hint = { $count ->
    [one] One more digit
   *[other] { $count } more digits
}
login-code-submit = Sign in
login-code-resend = Send a new code
login-code-resend-wait = A new code can be sent in { $seconds } s
login-code-change-phone = Change the number

login-verifying-heading = Checking the code
login-verifying-lead = { $phone } · { $seconds } s
login-verifying-cancel = Stop waiting

## Login: what can go wrong, and what to do

problem-phone-not-international = This is not a phone number with its country code.
problem-phone-not-international-remedy = Begin with + and the country code, such as +351 912 345 678.
problem-code-wrong = That code is not the one we sent.
problem-code-wrong-remedy = Look at the newest message and type its code.
problem-code-expired = This code can no longer be used.
problem-code-expired-remedy = Ask for a new one and type it here.
problem-too-many = There were too many tries.
problem-too-many-remedy = Wait a little, then try again.
problem-too-many-remedy-in = Try again in { $minutes ->
    [one] a minute
   *[other] { $minutes } minutes
}.
problem-unreachable = Wayfare cannot be reached.
problem-unreachable-remedy = Your number is kept here. Check the connection and try again.
problem-not-allowed = This account may not sign in.
problem-not-allowed-remedy = Ask the operator of your city.
problem-refused = The request was refused: { $detail }
problem-refused-remedy = Check what you typed and try again.
problem-unreadable = This is not a Wayfare backend, or one that this app is too old for.
problem-unreadable-remedy = Look for a newer version of the app, or ask the operator of your city.
problem-server = Wayfare could not answer.
problem-server-remedy = Nothing was changed. Try again in a moment.
problem-session-ended = You were signed out.
problem-session-ended-remedy = Sign in again to go on.

## Signed in

home-greeting = Hello, { $name }
home-greeting-no-name = You are signed in
home-phone = Signed in as { $phone }
home-session = You stay signed in until you close this app.
home-sign-out = Sign out
home-signing-out = Signing out · { $seconds } s

rider-home-next = Booking a trip is not part of this version yet.
rider-home-next-remedy = Your account is ready. Trips will be booked here.
driver-home-next-registered = You are registered as a driver.
driver-home-next-registered-remedy = Going online is not part of this version yet.
driver-home-next-unregistered = You are not registered as a driver yet.
driver-home-next-unregistered-remedy = Registration is not part of this version yet. Your account is ready for it.

## Admin

admin-no-shell = This page is part of the Wayfare Admin app.
admin-no-shell-remedy = Open the app. In a browser alone it cannot reach the backend.
admin-areas = Areas
admin-area-city = City now
admin-signed-in-as = Signed in as
admin-city-age = { $seconds ->
    [0] Up to date
   *[other] Seen { $seconds } s ago
}
admin-city-asking = Asking the backend for the numbers · { $seconds } s
admin-city-stale = The numbers below are old. The backend does not answer.
admin-city-unavailable = The backend does not answer.
admin-city-retry = They are asked for again every { $seconds } s.
admin-city-forbidden = This account is not an admin.
admin-city-forbidden-remedy = Sign out and use an admin's number, or have one created on the server.
admin-trips = Trips by state
admin-trips-state = State
admin-trips-count = Trips
admin-trips-none = No trip yet. The first request shows up here.
admin-trips-requested = Looking for a driver
admin-trips-assigned = On the way to pickup
admin-trips-arrived = At pickup
admin-trips-in-progress = In progress
admin-trips-completed = Completed
admin-trips-cancelled = Cancelled
admin-trips-expired = Expired, no driver
admin-checks = Promises of the system
admin-ledger-transactions = Ledger transactions
admin-ledger-imbalance = Ledger imbalance in minor units
admin-ledger-balanced = Every transaction sums to zero.
admin-ledger-broken = The ledger does not sum to zero. Stop payouts and look into it.
admin-assignments-double = Double assignments
admin-assignments-single = No driver has two trips, no trip has two drivers.
admin-assignments-broken = A driver has two trips or a trip has two drivers. Look into it now.
admin-unbooked = Unbooked trips
admin-unbooked-none = Every completed trip is in the ledger.
admin-unbooked-broken = Completed trips are missing from the ledger. Look into it now.
