# Todos los textos de las aplicaciones, en español. Los mismos identificadores que en.ftl.

rider-app-name = Wayfare
driver-app-name = Wayfare Conductor
admin-app-name = Wayfare Administración

## Inicio de sesión: el teléfono

login-phone-heading = Iniciar sesión
login-phone-lead = Te enviamos un código por SMS. No hay contraseña.
login-phone-label = Número de teléfono
login-phone-hint = Con el prefijo del país, por ejemplo +34 612 345 678
login-phone-submit = Envíame un código

login-sending-heading = Pidiendo un código
login-sending-lead = Para { $phone } · { $seconds } s
login-sending-cancel = Cambiar el número

## Inicio de sesión: el código

login-code-heading = Escribe el código
login-code-lead = Enviado por SMS a { $phone }
login-code-label = Código de { $length } cifras
login-code-hint = { $count ->
    [one] Falta una cifra
   *[other] Faltan { $count } cifras
}
login-code-submit = Iniciar sesión
login-code-resend = Enviar un código nuevo
login-code-resend-wait = Podrás pedir un código nuevo en { $seconds } s
login-code-change-phone = Cambiar el número

login-verifying-heading = Comprobando el código
login-verifying-lead = { $phone } · { $seconds } s
login-verifying-cancel = Dejar de esperar

## Inicio de sesión: qué puede fallar y qué hacer

problem-phone-not-international = Este no es un número de teléfono con el prefijo del país.
problem-phone-not-international-remedy = Empieza con + y el prefijo del país, por ejemplo +34 612 345 678.
problem-code-wrong = Ese código no es el que enviamos.
problem-code-wrong-remedy = Mira el mensaje más reciente y escribe su código.
problem-code-expired = Este código ya no sirve.
problem-code-expired-remedy = Pide uno nuevo y escríbelo aquí.
problem-too-many = Ha habido demasiados intentos.
problem-too-many-remedy = Espera un poco y vuelve a intentarlo.
problem-too-many-remedy-in = Vuelve a intentarlo dentro de { $minutes ->
    [one] un minuto
   *[other] { $minutes } minutos
}.
problem-unreachable = No se puede llegar a Wayfare.
problem-unreachable-remedy = Tu número sigue aquí. Revisa la conexión e inténtalo de nuevo.
problem-not-allowed = Esta cuenta no puede iniciar sesión.
problem-not-allowed-remedy = Consulta al operador de tu ciudad.
problem-refused = La petición fue rechazada: { $detail }
problem-refused-remedy = Revisa lo que escribiste e inténtalo de nuevo.
problem-unreadable = Esto no es un servidor de Wayfare, o es uno para el que esta aplicación es demasiado antigua.
problem-unreadable-remedy = Busca una versión más nueva de la aplicación o consulta al operador de tu ciudad.
problem-server = Wayfare no pudo responder.
problem-server-remedy = No ha cambiado nada. Inténtalo de nuevo en un momento.
problem-session-ended = Se ha cerrado tu sesión.
problem-session-ended-remedy = Inicia sesión otra vez para seguir.

## Con la sesión iniciada

home-greeting = Hola, { $name }
home-greeting-no-name = Has iniciado sesión
home-phone = Sesión iniciada con { $phone }
home-session = La sesión dura hasta que cierres esta aplicación.
home-sign-out = Cerrar sesión
home-signing-out = Cerrando la sesión · { $seconds } s

rider-home-next = Reservar un viaje aún no forma parte de esta versión.
rider-home-next-remedy = Tu cuenta está lista. Los viajes se reservarán aquí.
driver-home-next-registered = Tienes registro de conductor.
driver-home-next-registered-remedy = Conectarse aún no forma parte de esta versión.
driver-home-next-unregistered = Aún no tienes registro de conductor.
driver-home-next-unregistered-remedy = El registro aún no forma parte de esta versión. Tu cuenta está lista para ello.

## Administración

admin-no-shell = Esta página es parte de la aplicación Wayfare Administración.
admin-no-shell-remedy = Abre la aplicación. Desde un navegador no puede llegar al servidor.
admin-areas = Áreas
admin-area-city = La ciudad ahora
admin-signed-in-as = Sesión de
admin-city-age = { $seconds ->
    [0] Al día
   *[other] De hace { $seconds } s
}
admin-city-asking = Pidiendo las cifras al servidor · { $seconds } s
admin-city-stale = Las cifras de abajo son antiguas. El servidor no responde.
admin-city-unavailable = El servidor no responde.
admin-city-retry = Se vuelven a pedir cada { $seconds } s.
admin-city-forbidden = Esta cuenta no es de administración.
admin-city-forbidden-remedy = Cierra la sesión y usa el número de un administrador, o pide que lo creen en el servidor.
admin-trips = Viajes por estado
admin-trips-state = Estado
admin-trips-count = Viajes
admin-trips-none = Todavía no hay viajes. La primera petición aparecerá aquí.
admin-trips-requested = Buscando conductor
admin-trips-assigned = De camino a la recogida
admin-trips-arrived = En la recogida
admin-trips-in-progress = En curso
admin-trips-completed = Terminados
admin-trips-cancelled = Cancelados
admin-trips-expired = Caducados, sin conductor
admin-checks = Promesas del sistema
admin-ledger-transactions = Transacciones del libro mayor
admin-ledger-imbalance = Descuadre del libro mayor en unidades menores
admin-ledger-balanced = Cada transacción suma cero.
admin-ledger-broken = El libro mayor no suma cero. Detén los pagos y revísalo.
admin-assignments-double = Asignaciones dobles
admin-assignments-single = Ningún conductor tiene dos viajes y ningún viaje dos conductores.
admin-assignments-broken = Un conductor tiene dos viajes o un viaje dos conductores. Revísalo ahora.
admin-unbooked = Viajes sin contabilizar
admin-unbooked-none = Cada viaje terminado está en el libro mayor.
admin-unbooked-broken = Faltan viajes terminados en el libro mayor. Revísalo ahora.
