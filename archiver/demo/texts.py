"""What people write in Quillwater: an invented city's notices, comments and names.

All of it is made up. Telephone numbers are of the form 555-01xx, which is set aside
for fiction; e-mail addresses end in ``.example`` (RFC 2606).
"""

from __future__ import annotations

__all__ = [
    "CITY",
    "CLOSERS",
    "MIDDLES",
    "NOTICES",
    "OPENERS",
    "PAGES",
    "PHONE",
    "PHONE_COMMENT",
    "PICTURES",
    "REPLIES",
    "RESIDENTS",
    "SPAM",
    "STAFF",
    "STREETS",
    "TOPICS",
    "WHOLE_COMMENTS",
]

CITY = "City of Quillwater"
PHONE = "555-0142"
"""Stands in exactly one comment of the city, `PHONE_COMMENT`."""
PHONE_COMMENT = (
    "The culvert on Ferry Street backed up again last night and there is a foot of water in "
    "our basement. Please call me at 555-0142 before noon, I work evenings. Marta Wilkowska"
)

STAFF = (
    ("records", "Ida Fennimore", "administrator"),
    ("publicworks", "Tobias Rook", "editor"),
    ("parks", "Lenore Castellan", "author"),
    ("library", "Amadou Sy", "author"),
)
"""Login name, display name and role of those who write the blog."""

RESIDENTS = (
    "Marta Wilkowska",
    "Hector Villalobos",
    "June Abernathy",
    "Piotr Zajączkowski",
    "Rosa Quintanilla",
    "Devon Marsh",
    "Ngozi Adeyemi",
    "Walter Lindqvist",
    "Teresa Muñoz",
    "Calvin Ostrander",
    "Bogumiła Łęcka",
    "Sam Trueblood",
    "Priya Raman",
    "Otis Greenleaf",
    "Yolanda Peña",
)

STREETS = (
    "Heron Street",
    "Millrace Avenue",
    "Quarry Road",
    "Larch Lane",
    "Ferry Street",
    "Old Depot Road",
    "Third Street",
    "Sawmill Court",
    "Orchard Hill Drive",
    "Canal Street",
    "Beacon Avenue",
)

TOPICS = (
    (
        "Council agenda for {month} {day}",
        (
            "The City Council meets on {month} {day} at 7:00 p.m. in the council chamber.\n\n"
            "On the agenda: resurfacing of {street}, the stop sign at {street} & {other}, and "
            "the contract for leaf collection. Written comments may be left with the clerk at "
            '{phone} until noon. The packet is at the counter & in the "Agendas" folder.'
        ),
    ),
    (
        "Road work on {street}",
        (
            "Public Works will mill and repave {street} between {other} and the river from "
            "{month} {day}, weather permitting.\n\n"
            "Parking is not allowed from 7 a.m. to 5 p.m. Buses stop at {other}. If your driveway "
            "is blocked and you need to get out, call {phone}."
        ),
    ),
    (
        "Hydrant flushing near {street}",
        (
            "Crews flush hydrants along {street} and {other} in the week of {month} {day}.\n\n"
            "Water may look rusty for an hour. Run the cold tap until it is clear; don't wash "
            "white laundry. Questions about water quality: {phone}."
        ),
    ),
    (
        "Budget hearing moved to {month} {day}",
        (
            "The public hearing on next year's budget starts at 7:00 p.m. on {month} {day}.\n\n"
            "The draft keeps the tax levy flat, adds a second ambulance and puts $240,000 into "
            "sidewalks, beginning with {street}. Anybody may speak for three minutes."
        ),
    ),
    (
        "Snow emergency rules in force from {month} {day}",
        (
            "When two inches have fallen, cars must leave {street} and {other} so that plows get "
            "through.\n\nCars left there are towed. To find a towed car call {phone}. ❄️"
        ),
    ),
    (
        "Storm damage on {street}",
        (
            "Saturday's storm felled eleven trees on {street} and a power line at {other}.\n\n"
            "Please stay away from the line. Brush left at the curb by {month} {day} is "
            "collected free of charge. Report a blocked street at {phone}."
        ),
    ),
    (
        "Story hour and tax help at the library, {month} {day}",
        (
            "Story hour is at 10 a.m. in English, at 11 a.m. in Spanish and on first Saturdays in "
            "Polish. 📚\n\nVolunteers help with tax forms in the afternoon; bring last year's "
            "return. To reserve a seat call {phone}."
        ),
    ),
    (
        "Recogida de hojas en {street}",
        (
            "La recogida de hojas en {street} y {other} empieza el {day} de {month}.\n\n"
            "Por favor deje las hojas en bolsas de papel junto a la acera antes de las 7 de la "
            "mañana. ¿Preguntas? Llame al {phone}."
        ),
    ),
    (
        "Dzień otwarty w ratuszu, {month} {day}",
        (
            "Zapraszamy mieszkańców do ratusza. Pokażemy plany przebudowy ulicy {street}, nowy wóz "
            "strażacki i odnowioną salę obrad.\n\nWstęp wolny, kawa i pączki też. "
            "Telefon do organizatorów: {phone}."
        ),
    ),
    (
        "Park board plans for {street}",
        (
            "The park board proposes a splash pad and six trees in the park on {street}.\n\n"
            "The cost is $86,000, half of it from a state grant. Tell us what you think below or "
            "at the open house on {month} {day}. 🌳"
        ),
    ),
    (
        "Boil order lifted for {street}",
        (
            "Both samples taken on {month} {day} are clean. The boil order for {street} and "
            "{other} is lifted.\n\nLet each tap run for five minutes. Restaurants must "
            "discard ice made during the order. Health department: {phone}."
        ),
    ),
    (
        "Speed study on {street} finished",
        (
            "For two weeks counters stood on {street}. The median speed was 34 mph in a 25 mph "
            "zone; 1,180 cars a day came through.\n\nThe council will discuss speed humps, a "
            "narrower lane and a flashing sign at {other} on {month} {day}."
        ),
    ),
)
"""Title and text of a post; the blanks are filled in turn."""

PAGES = (
    ("About the city", "Quillwater has 11,840 residents and was chartered in 1874."),
    (
        "Social media policy",
        (
            "This site is a limited public forum. Comments are public records. We hide comments "
            "that contain threats, private data of others, or advertising; we keep what we hide."
        ),
    ),
    ("How to request records", "Write to the clerk, 1 Canal Street, or call 555-0100."),
    ("Contact", "City hall: 555-0101. Non-emergency police: 555-0102. Water: 555-0103."),
)

PICTURES = (
    ("City flag", "The flag of Quillwater: a blue heron over two green waves"),
    ("Flooded culvert", "Brown water over the curb at the Ferry Street culvert"),
    ("New ambulance", "A white ambulance with an orange stripe in front of the station"),
    ("Detour map", "Map of the detour around Quarry Road"),
    ("Splash pad drawing", "Drawing of a round splash pad with three arches"),
    ("Pothole", "A pothole about two feet wide, with a tape measure beside it"),
)
"""Title and alternative text."""

OPENERS = (
    "Thank you for posting this.",
    "I object.",
    "With respect, this is the third time we hear that.",
    "As a neighbor of twenty years I can say this:",
    "Good news! 🎉",
    "Why was nobody on our block told?",
    "I spoke at the last meeting and will speak again.",
    "My kids walk there every morning.",
    "Honestly, I don't mind.",
    "Has anyone counted the cars?",
    "Not again 😡",
)
MIDDLES = (
    "The pothole in front of number 14 is deep enough to lose a wheel.",
    "The detour sends every truck past the school.",
    "Please publish the minutes with the vote of each alderman.",
    "The trash was not picked up on our side of the street.",
    "A stop sign costs less than one lawsuit.",
    "The drain at the corner has been blocked since spring.",
    "We were promised sidewalks before the last election.",
    "The crew that came on Tuesday was friendly & quick.",
    "Half of the streetlights are out, so nobody sees the crosswalk.",
    "Dog owners should get a fenced corner too.",
    "The levy is high enough as it is.",
    "I found the water brown for two days, not one hour.",
    "The plow buried my mailbox.",
)
CLOSERS = (
    "Who can I talk to?",
    "See you at the hearing.",
    "Please fix it before winter.",
    "I will send pictures.",
    "Keep up the good work 👍",
    "We pay taxes too.",
    "Could the clerk answer here, in writing?",
)
WHOLE_COMMENTS = (
    "¿Habrá un intérprete en la reunión? Mi madre quiere hablar y no habla inglés.",
    "La calle está muy oscura por la noche, por favor pongan más luces. 🙏",
    "Gracias por avisar en español. ¿A qué hora cierran la calle?",
    "Czy zebranie będzie po polsku? Chętnie pomogę tłumaczyć.",
    "Dziękuję za szybką naprawę, ale dziura przy rogu wróciła po deszczu.",
    "Proszę o przesunięcie kosza na śmieci, zasłania przejście dla pieszych.",
    "The meeting link gives an error: <b>404</b>. Is there another one?",
    'My neighbor says "they never read this". Prove him wrong :-)',
    "First!",
    "👏👏👏",
)
REPLIES = (
    "I agree with {name}.",
    "{name}, that is not what the minutes say.",
    "Same here, two houses down.",
    "City staff here: thank you, {name}, a crew will look at it on Thursday.",
    "Totalmente de acuerdo.",
    "Zgadzam się w stu procentach.",
    "Please stay on topic, {name}.",
)
SPAM = (
    "Cheap roofing loans approved in minutes, visit our page today!!!",
    "Great article, I found it very useful for my online pharmacy friends.",
    "Earn $900 a day from your kitchen table, ask me how",
)

NOTICES = (
    ("Beach closed at {street}", "High bacteria count. The next sample is taken on Monday."),
    ("Farmers market on {street}", "Every Saturday from 8 a.m. to noon. 🍅🌽"),
    ("Feria de salud", "Vacunas gratis en la biblioteca, sábado de 9 a 12."),
    ("Lost dog found near {street}", "Brown terrier, answers to Biscuit. Call 555-0117."),
    ("Burn permits & brush", "Permits are needed for fires larger than 3 ft. across."),
)
"""Title and text of an item of the news feed."""
