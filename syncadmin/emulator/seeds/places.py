"""What addresses and telephone numbers look like in each country, and what a company's name says it does."""

from __future__ import annotations

import random
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Habits:
    """Patterns of a country: `#` is any digit, `%` one from 2 to 9, `@` a capital letter."""

    streets: str
    street: str
    postcode: str
    phone: str
    mobile: str


HABITS = {
    "Germany": Habits(
        "Bahnhofstraße|Hauptstraße|Lindenweg|Goethestraße|Am Markt|Schillerplatz",
        "{street} {number}",
        "%####",
        "+49 %## %######",
        "+49 17# %#######",
    ),
    "United States": Habits(
        "Market Street|Oak Avenue|Main Street|Commerce Drive|Riverside Boulevard|Congress Avenue",
        "{number} {street}",
        "%####",
        "+1 (%##) 555-01##",
        "+1 (%##) 555-01##",
    ),
    "United Kingdom": Habits(
        "High Street|Station Road|Mill Lane|Kings Road|Long Acre|Harbour Way",
        "{number} {street}",
        "@@% %@@",
        "+44 20 7946 0###",
        "+44 7700 900###",
    ),
    "France": Habits(
        "rue de la République|avenue Victor Hugo|boulevard Voltaire|rue des Lilas|place du Marché",
        "{number} {street}",
        "%####",
        "+33 % 99 ## ## ##",
        "+33 6 39 98 ## ##",
    ),
    "Spain": Habits(
        "Calle Mayor|Avenida de la Constitución|Calle del Sol|Paseo del Prado|Gran Vía",
        "{street} {number}",
        "%####",
        "+34 9## ### ###",
        "+34 6## ### ###",
    ),
    "Italy": Habits(
        "Via Roma|Via Garibaldi|Corso Italia|Via Dante|Piazza Cavour",
        "{street} {number}",
        "%####",
        "+39 0% %### ####",
        "+39 34# ### ####",
    ),
    "Japan": Habits(
        "Chuo-dori|Sakura-dori|Meiji-dori|Aoyama-dori",
        "{number} {street}",
        "%##-####",
        "+81 % %### ####",
        "+81 90 %### ####",
    ),
    "Brazil": Habits(
        "Rua das Flores|Avenida Paulista|Rua XV de Novembro|Avenida Brasil",
        "{street}, {number}",
        "%####-###",
        "+55 %% %### ####",
        "+55 %% 9%### ####",
    ),
    "Poland": Habits(
        "ul. Długa|ul. Kwiatowa|ul. Polna|al. Niepodległości|ul. Ogrodowa",
        "{street} {number}",
        "%#-###",
        "+48 %% ### ## ##",
        "+48 6## ### ###",
    ),
    "Australia": Habits(
        "George Street|Collins Street|Bourke Street|Wattle Lane|Harbour Parade",
        "{number} {street}",
        "%###",
        "+61 % 5550 ####",
        "+61 491 570 ###",
    ),
    "India": Habits(
        "MG Road|Brigade Road|Nehru Street|Park Street|Residency Road",
        "{number} {street}",
        "%#####",
        "+91 %% %### ####",
        "+91 9#### #####",
    ),
    "Sweden": Habits(
        "Storgatan|Drottninggatan|Kungsgatan|Sveavägen|Järnvägsgatan",
        "{street} {number}",
        "%## ##",
        "+46 % 465 00# ##",
        "+46 70 174 06 ##",
    ),
}
# As the numbers stood in a list that was imported before phone numbers had to be international.
NATIONAL_PHONES = {
    "Germany": "0711 2294180",
    "United States": "(512) 555-0147",
    "United Kingdom": "020 7946 0812",
    "France": "01 99 00 41 72",
}
TRADES = {
    "Logistics": "Transportation",
    "Robotics": "Machinery",
    "Foods": "Food & Beverage",
    "Analytics": "Technology",
    "Textiles": "Apparel",
    "Pharma": "Biotechnology",
    "Energy": "Energy",
    "Media": "Media",
    "Systems": "Electronics",
    "Insurance": "Insurance",
    "Tools": "Manufacturing",
    "Motors": "Manufacturing",
    "Design": "Consulting",
    "Software": "Technology",
    "Travel": "Hospitality",
    "Publishing": "Media",
    "Optics": "Electronics",
    "Materials": "Chemicals",
    "Health": "Healthcare",
    "Retail": "Retail",
    "Telecom": "Telecommunications",
    "Consulting": "Consulting",
}


def filled(chance: random.Random, pattern: str) -> str:
    """A pattern with digits and letters in it."""
    sets = {"#": "0123456789", "%": "23456789", "@": "ABCDEFGHKLMNPRSTW"}
    return "".join(chance.choice(sets[c]) if c in sets else c for c in pattern)


def make_street(chance: random.Random, country: str) -> str:
    """A street and a number, in the order of the country."""
    habits = HABITS[country]
    return habits.street.format(
        street=chance.choice(habits.streets.split("|")), number=chance.randint(1, 140)
    )
